// Calls a Convoy server.
#ifndef CONVOY_CLIENT_CLIENT_H_
#define CONVOY_CLIENT_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/channel.h"
#include "client/metadata.h"
#include "client/tensor.h"
#include "inference/grpc_predict_v2.grpc.pb.h"

namespace convoy::client {

struct ClientOptions {
  // For connecting and for each call. InfiniteDuration() waits for ever; zero
  // or less fails every call. Set it to what the caller can bear, not to what
  // the server needs.
  absl::Duration deadline = absl::Seconds(10);
  // Of the connection that Connect makes.
  Security security = {};
};

// One layer run on one tensor.
struct InferRequest {
  std::string layer;
  // Decimal; empty for the newest.
  std::string version;
  // Comes back in the result.
  std::string id;
  // (N, T, C) or (N, C, T), by the layer's data_format. Borrowed for the call.
  TensorView input;
};

struct InferResult {
  Tensor output;
  // The version that answered.
  std::string version;
  std::string id;
  // From handing the request to gRPC until its answer was parsed.
  absl::Duration round_trip;
};

// A connection to one server, and the calls it takes.
//
// Thread-safe: any number of threads may call at once over one connection.
// Every method blocks until the answer is there or the deadline has passed
// (DEADLINE_EXCEEDED) and otherwise returns the server's status unchanged, with
// the time to wait if it tells one (retry_hint.h); an answer that breaks the
// protocol is INTERNAL. UNAVAILABLE after Connect means
// that the server drains or the connection was lost; the next call connects
// again.
//
// For thousands of calls in flight use the generated asynchronous stub: this
// class holds a thread per call.
class Client {
 public:
  // Returns once the connection stands; UNAVAILABLE when it does not come to.
  static absl::StatusOr<std::unique_ptr<Client>> Connect(const std::string& target,
                                                         ClientOptions options = {});

  // Over any stub, for tests with a mock.
  Client(std::unique_ptr<inference::GRPCInferenceService::StubInterface> stub,
         ClientOptions options);

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // INVALID_ARGUMENT without a call when the input's bytes do not fit its
  // shape or are more than a message can carry (2 GiB).
  absl::StatusOr<InferResult> Infer(const InferRequest& request) const;

  absl::StatusOr<bool> ServerLive() const;
  absl::StatusOr<bool> ServerReady() const;
  // False for an unknown layer. An empty version asks for the newest.
  absl::StatusOr<bool> LayerReady(const std::string& layer, const std::string& version = "") const;

  absl::StatusOr<ServerInfo> ServerMetadata() const;
  // Every layer and version the server has, also those that cannot be called.
  absl::StatusOr<std::vector<LayerEntry>> Layers() const;
  absl::StatusOr<LayerInfo> LayerMetadata(const std::string& layer,
                                          const std::string& version = "") const;
  // Of every version that can be called, of all layers for an empty name.
  absl::StatusOr<std::vector<VersionStatistics>> Statistics(const std::string& layer = "") const;

 private:
  const std::unique_ptr<inference::GRPCInferenceService::StubInterface> stub_;
  const ClientOptions options_;
};

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_CLIENT_H_
