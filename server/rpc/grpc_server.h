// The gRPC side of Convoy.
#ifndef CONVOY_SERVER_RPC_GRPC_SERVER_H_
#define CONVOY_SERVER_RPC_GRPC_SERVER_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/rpc/grpc_server_options.h"
#include "server/rpc/health_publisher.h"
#include "server/rpc/health_service.h"
#include "server/rpc/infer_backend.h"
#include "server/rpc/infer_call_pool.h"
#include "server/rpc/inference_service.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/poller.h"

namespace convoy::rpc {

// A listening server: inference, health and reflection.
//
// Shutdown is for one thread; everything else is const. Owns its threads.
class GrpcServer {
 public:
  // The three others must outlive the server.
  //   INVALID_ARGUMENT  an option is out of range; the message names it.
  //   UNAVAILABLE       the address cannot be listened on; the message names it.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options,
                                                           registry::Registry& registry,
                                                           InferBackend& backend,
                                                           metrics::Metrics& metrics);

  // Shuts down at once unless Shutdown was called.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // The port it listens on; not 0, except for a Unix socket.
  int port() const { return port_; }

  // Takes no new calls, lets those in flight finish for up to `grace`, cancels
  // the rest, ends Watch streams and joins the pollers. The back end must still
  // run: every task that it took must come back. Idempotent.
  // REQUIRES: not on a poller's or a signal handler's stack.
  void Shutdown(std::chrono::nanoseconds grace);

 private:
  // One completion queue and what lives on it.
  struct Lane {
    std::unique_ptr<grpc::ServerCompletionQueue> queue;
    std::unique_ptr<InferCallPool> calls;
    std::unique_ptr<Poller> poller;
  };

  explicit GrpcServer(registry::Registry& registry);

  absl::Status Listen(const GrpcServerOptions& options);
  void StartLanes(const GrpcServerOptions& options, registry::Registry& registry,
                  InferBackend& backend, metrics::Metrics& metrics);

  InferenceService inference_service_;
  HealthService health_service_;
  LiveCalls live_calls_;
  std::vector<Lane> lanes_;
  std::unique_ptr<HealthPublisher> health_publisher_;  // on the first lane
  std::unique_ptr<grpc::Server> server_;               // null when not listening
  int port_ = 0;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_GRPC_SERVER_H_
