// A gRPC server in the test's own process that answers as a test likes.
#ifndef CONVOY_TESTS_CLIENT_FAKE_SERVER_H_
#define CONVOY_TESTS_CLIENT_FAKE_SERVER_H_

#include <grpcpp/server.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "inference/grpc_predict_v2.grpc.pb.h"

namespace convoy::client {

// Holds the layers "echo" (version 7, channels_last), "echo_first" (version 1,
// channels_first) and "broken", which could not be read. Inference answers the
// input unchanged. Thread-safe once the hooks are set.
class FakeServer : public inference::GRPCInferenceService::Service {
 public:
  // Asked before every inference; a status other than OK is the answer. With
  // RESOURCE_EXHAUSTED goes the trailer to come again after 20 ms.
  using Refusal = std::function<grpc::Status(const inference::ModelInferRequest&)>;

  FakeServer();
  ~FakeServer() override;

  // "127.0.0.1:PORT".
  const std::string& address() const { return address_; }
  // REQUIRES: no call is under way.
  void set_refusal(Refusal refusal) { refusal_ = std::move(refusal); }
  // What ServerReady says, and ModelReady of a layer that can be called.
  void set_ready(bool ready) { ready_ = ready; }
  // How long before its deadline the last inference arrived.
  absl::Duration last_time_left() const { return absl::Nanoseconds(last_time_left_ns_.load()); }
  // The connections on which inferences arrived.
  std::set<std::string> peers() const;
  void Stop();

  grpc::Status ServerLive(grpc::ServerContext* context, const inference::ServerLiveRequest* request,
                          inference::ServerLiveResponse* response) override;
  grpc::Status ServerReady(grpc::ServerContext* context,
                           const inference::ServerReadyRequest* request,
                           inference::ServerReadyResponse* response) override;
  grpc::Status ModelReady(grpc::ServerContext* context, const inference::ModelReadyRequest* request,
                          inference::ModelReadyResponse* response) override;
  grpc::Status ModelMetadata(grpc::ServerContext* context,
                             const inference::ModelMetadataRequest* request,
                             inference::ModelMetadataResponse* response) override;
  grpc::Status ModelInfer(grpc::ServerContext* context, const inference::ModelInferRequest* request,
                          inference::ModelInferResponse* response) override;
  grpc::Status RepositoryIndex(grpc::ServerContext* context,
                               const inference::RepositoryIndexRequest* request,
                               inference::RepositoryIndexResponse* response) override;
  // Of "echo": as many requests of 2 sequences, each of 1 ms, as were asked for so far.
  grpc::Status ModelStatistics(grpc::ServerContext* context,
                               const inference::ModelStatisticsRequest* request,
                               inference::ModelStatisticsResponse* response) override;

 private:
  Refusal refusal_;
  std::atomic<bool> ready_ = true;
  std::atomic<int64_t> last_time_left_ns_ = 0;
  std::atomic<uint64_t> statistics_ = 0;
  mutable std::mutex mutex_;
  std::set<std::string> peers_;  // mutex_
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace convoy::client

#endif  // CONVOY_TESTS_CLIENT_FAKE_SERVER_H_
