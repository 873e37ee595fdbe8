// Looks after the layers of a Convoy server.
#ifndef CONVOY_CLIENT_LAYER_CLIENT_H_
#define CONVOY_CLIENT_LAYER_CLIENT_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/client.h"
#include "convoy/v1/layer_service.grpc.pb.h"

namespace convoy::client {

// convoy.v1.LayerService with the messages of its .proto, which says what every method
// answers and what to do about each status.
//
// Thread-safe. Every method blocks until the answer is there or the deadline has passed;
// streams have no deadline but end with DEADLINE_EXCEEDED when nothing moves for as long.
class LayerClient {
 public:
  // Returns once the connection stands; UNAVAILABLE when it does not come to.
  static absl::StatusOr<std::unique_ptr<LayerClient>> Connect(const std::string& target,
                                                              ClientOptions options = {});

  // Over any stub, for tests with a mock.
  LayerClient(std::unique_ptr<convoy::v1::LayerService::StubInterface> stub, ClientOptions options);

  absl::StatusOr<convoy::v1::Layer> Get(const convoy::v1::GetLayerRequest& request) const;
  // All of them, page by page.
  absl::StatusOr<std::vector<convoy::v1::VersionInfo>> ListVersions(
      const std::string& parent) const;
  absl::StatusOr<convoy::v1::ComputeOutputShapeResponse> ComputeOutputShape(
      const convoy::v1::ComputeOutputShapeRequest& request) const;

  absl::StatusOr<convoy::v1::Layer> Create(const convoy::v1::CreateLayerRequest& request) const;
  absl::StatusOr<convoy::v1::Layer> Update(const convoy::v1::UpdateLayerRequest& request) const;
  absl::StatusOr<convoy::v1::Layer> Rollback(const convoy::v1::RollbackLayerRequest& request) const;
  absl::StatusOr<convoy::v1::DeleteLayerResponse> Delete(
      const convoy::v1::DeleteLayerRequest& request) const;

  // What GetWeights says of the file that it has given to `sink`, piece by piece.
  struct WeightsInfo {
    std::string name;  // layers/NAME/versions/NUMBER
    int64_t size_bytes = 0;
    std::string sha256;
  };
  using Sink = std::function<absl::Status(std::string_view piece)>;
  //   DATA_LOSS  the stream ended before its end.
  //   and what `sink` answers.
  absl::StatusOr<WeightsInfo> GetWeights(const std::string& name, const Sink& sink) const;

  // Sends `size_bytes` from `file` and returns their SHA-256. `progress`, which may be null,
  // is told how many have gone.
  //   INVALID_ARGUMENT  the file is shorter.
  absl::StatusOr<std::string> Upload(std::istream& file, int64_t size_bytes,
                                     const std::function<void(int64_t sent)>& progress) const;

 private:
  const std::unique_ptr<convoy::v1::LayerService::StubInterface> stub_;
  const ClientOptions options_;
};

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_LAYER_CLIENT_H_
