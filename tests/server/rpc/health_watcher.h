// A caller of Watch for tests.
#ifndef CONVOY_TESTS_SERVER_RPC_HEALTH_WATCHER_H_
#define CONVOY_TESTS_SERVER_RPC_HEALTH_WATCHER_H_

#include <memory>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace convoy::rpc {

class HealthWatcher {
 public:
  HealthWatcher(const std::shared_ptr<grpc::Channel>& channel, const std::string& service)
      : stub_(grpc::health::v1::Health::NewStub(channel)) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    reader_ = stub_->Watch(&context_, request);
  }

  // Waits for the next status; -1 when the stream is at its end.
  int Next() {
    grpc::health::v1::HealthCheckResponse response;
    return reader_->Read(&response) ? static_cast<int>(response.status()) : -1;
  }

  // The call's status, after its end.
  grpc::Status Finish() { return reader_->Finish(); }

  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<grpc::health::v1::HealthCheckResponse>> reader_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_TESTS_SERVER_RPC_HEALTH_WATCHER_H_
