#include "server/rpc/grpc_server.h"

#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "kernel/base/status_macros.h"
#include "server/rpc/library_log.h"

namespace convoy::rpc {
namespace {

// Threads of the synchronous services: the rare calls, and one a reflection
// stream for as long as it is open. Callers beyond it get RESOURCE_EXHAUSTED.
constexpr int kMaxSynchronousThreads = 16;

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

void Configure(const GrpcServerOptions& options, grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota;
  quota.SetMaxThreads(kMaxSynchronousThreads);
  builder.SetResourceQuota(quota);
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
  // A second server on the same port must be an error, not a silent half of it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

GrpcServer::GrpcServer(registry::Registry& registry)
    : inference_service_(registry), health_service_(registry) {}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options,
                                                              registry::Registry& registry,
                                                              InferBackend& backend,
                                                              metrics::Metrics& metrics) {
  CONVOY_RETURN_IF_ERROR(CheckOptions(options));
  std::unique_ptr<GrpcServer> server(new GrpcServer(registry));
  CONVOY_RETURN_IF_ERROR(server->Listen(options));
  server->StartLanes(options, registry, backend, metrics);
  return server;
}

absl::Status GrpcServer::Listen(const GrpcServerOptions& options) {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  Configure(options, builder);
  builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(&inference_service_);
  builder.RegisterService(&health_service_);
  for (int i = 0; i < options.pollers; ++i) lanes_.push_back({builder.AddCompletionQueue()});
  RouteLibraryLogs();
  const GrpcErrorCapture errors;
  server_ = builder.BuildAndStart();
  if (server_ != nullptr) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", options.address, ": ", errors.Reason()));
}

void GrpcServer::StartLanes(const GrpcServerOptions& options, registry::Registry& registry,
                            InferBackend& backend, metrics::Metrics& metrics) {
  const InferEnvironment environment{inference_service_, registry, backend, metrics,
                                     options.max_response_bytes};
  health_publisher_ = std::make_unique<HealthPublisher>(health_service_, registry,
                                                        *lanes_.front().queue, live_calls_);
  health_publisher_->Start();
  for (size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    lane.calls = std::make_unique<InferCallPool>(environment, *lane.queue, live_calls_);
    lane.calls->Start();
    lane.poller = std::make_unique<Poller>(absl::StrCat("convoy-poll-", i), *lane.queue, backend);
  }
}

GrpcServer::~GrpcServer() { Shutdown(std::chrono::nanoseconds(0)); }

void GrpcServer::Shutdown(std::chrono::nanoseconds grace) {
  if (server_ == nullptr) return;
  health_publisher_->End();
  server_->Shutdown(std::chrono::system_clock::now() +
                    std::chrono::duration_cast<std::chrono::system_clock::duration>(grace));
  // Calls that were cancelled are still computed, and their answers end on the
  // queues.
  live_calls_.WaitForNone();
  health_publisher_->Close();
  for (Lane& lane : lanes_) lane.queue->Shutdown();
  for (Lane& lane : lanes_) lane.poller.reset();
  server_.reset();
}

}  // namespace convoy::rpc
