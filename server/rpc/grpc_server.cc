#include "server/rpc/grpc_server.h"

#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "kernel/base/status_macros.h"
#include "server/rpc/library_log.h"

namespace convoy::rpc {
namespace {

// A message is at most 2 GiB for protobuf; the rest is for its header.
constexpr int64_t kMaxMessageBytes = std::numeric_limits<int>::max() - (int64_t{1} << 20);

absl::Status CheckRange(const char* name, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": expected ", low, " to ", high, ", got ", value));
}

absl::Status CheckOptions(const GrpcServerOptions& options) {
  CONVOY_RETURN_IF_ERROR(CheckRange("pollers", options.pollers, 1, 64));
  CONVOY_RETURN_IF_ERROR(
      CheckRange("max_message_bytes", options.max_message_bytes, 1, kMaxMessageBytes));
  return CheckRange("max_response_bytes", options.max_response_bytes, 1, kMaxMessageBytes);
}

void Configure(grpc::ServerBuilder& builder) {
  // TakeSlices inflates and bounds messages, and what it refuses is counted.
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  // A second server on the same port must be an error, not a silent half of it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options,
                                                              registry::Registry& registry,
                                                              InferBackend& backend,
                                                              metrics::Metrics& metrics) {
  CONVOY_RETURN_IF_ERROR(CheckOptions(options));
  std::unique_ptr<GrpcServer> server(new GrpcServer);
  CONVOY_RETURN_IF_ERROR(server->Listen(options));
  server->StartLanes(options, registry, backend, metrics);
  return server;
}

absl::Status GrpcServer::Listen(const GrpcServerOptions& options) {
  grpc::ServerBuilder builder;
  Configure(builder);
  builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(&infer_method_);
  builder.RegisterAsyncGenericService(&other_methods_);
  for (int i = 0; i < options.pollers; ++i) {
    lanes_.push_back(std::make_unique<Lane>(builder.AddCompletionQueue()));
  }
  RouteLibraryLogs();
  const GrpcErrorCapture errors;
  server_ = builder.BuildAndStart();
  if (server_ != nullptr) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", options.address, ": ", errors.Reason()));
}

void GrpcServer::StartLanes(const GrpcServerOptions& options, registry::Registry& registry,
                            InferBackend& backend, metrics::Metrics& metrics) {
  const InferEnvironment environment{infer_method_,
                                     registry,
                                     backend,
                                     metrics,
                                     options.max_message_bytes,
                                     options.max_response_bytes};
  for (size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i]->Start(absl::StrCat("convoy-poll-", i), environment, other_methods_, registry,
                     live_calls_);
  }
}

GrpcServer::~GrpcServer() { Shutdown(std::chrono::nanoseconds(0)); }

void GrpcServer::Shutdown(std::chrono::nanoseconds grace) {
  if (server_ == nullptr) return;
  for (const auto& lane : lanes_) lane->End();
  server_->Shutdown(std::chrono::system_clock::now() +
                    std::chrono::duration_cast<std::chrono::system_clock::duration>(grace));
  // Calls that were cancelled are still computed, and their answers end on the
  // queues.
  live_calls_.WaitForNone();
  for (const auto& lane : lanes_) lane->Close();
  for (const auto& lane : lanes_) lane->Stop();
  server_.reset();
}

}  // namespace convoy::rpc
