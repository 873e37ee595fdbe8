// The gRPC side of Convoy.
#ifndef CONVOY_SERVER_RPC_GRPC_SERVER_H_
#define CONVOY_SERVER_RPC_GRPC_SERVER_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"
#include "server/access/entrance.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/rpc/acceptor.h"
#include "server/rpc/call_log.h"
#include "server/rpc/grpc_server_options.h"
#include "server/rpc/infer_backend.h"
#include "server/rpc/infer_method.h"
#include "server/rpc/lane.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/loop_lag.h"
#include "server/rpc/method_table.h"

namespace convoy::rpc {

// A listening server: inference, health, reflection and what else is added. No call of any method
// holds a thread: all arrive on the completion queues of the lanes.
//
// Shutdown is for one thread; everything else is const. Owns its threads.
class GrpcServer {
 public:
  // `add_methods` adds the methods of further services; null: there are none. All that
  // is referred to must outlive the server.
  //   INVALID_ARGUMENT  an option is out of range; the message names it.
  //   UNAVAILABLE       an address cannot be listened on; the message names it.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options,
                                                           registry::Registry& registry,
                                                           InferBackend& backend,
                                                           metrics::Metrics& metrics,
                                                           const AddMethods& add_methods = nullptr,
                                                           const access::Entrance& entrance = {});

  // Shuts down at once unless Shutdown was called.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // Where it listens: as the option, with the ports that were chosen.
  const std::string& address() const { return address_; }
  // The first one; 0 where there is none.
  int port() const { return port_; }

  // Calls of all methods but ModelInfer that have ended. Any thread.
  std::vector<MethodTable::Ended> EndedCalls() const;
  // How long events wait for the pollers, in nanoseconds. Any thread.
  const metrics::ShardedHistogram& loop_lag() const { return loop_lag_.nanoseconds(); }

  // What is logged of calls, which may change at any time. Any thread.
  CallLog& call_log() { return *call_log_; }

  // What has become of connections. Any thread.
  const Acceptor& acceptor() const { return *acceptor_; }

  // Takes no new calls, lets those in flight finish and their callers read the answers
  // for up to `grace`, cancels the rest, ends Watch streams and joins the pollers. The
  // back end must still run: every task that it took must come back. Idempotent.
  // REQUIRES: not on a poller's or a signal handler's stack.
  void Shutdown(std::chrono::nanoseconds grace);

 private:
  GrpcServer() = default;

  absl::Status Listen(const GrpcServerOptions& options, const tls::CertificateFiles* certificates);
  void StartLanes(const GrpcServerOptions& options, registry::Registry& registry,
                  InferBackend& backend, metrics::Metrics& metrics, const AddMethods& add_methods,
                  const access::Gate* gate);
  void StartAcceptor(const GrpcServerOptions& options);

  // Cuts the connections that are still there a while after the last call has been
  // answered. gRPC 1.51 has a race: a call that arrives as the shutdown begins can be
  // queued for a request that never comes, and the library would wait for it for the
  // whole grace. Its caller sees UNAVAILABLE. Returns at once when it has `ended`.
  void EndUntakenCalls(const absl::Notification& ended);

  InferMethod infer_method_;
  grpc::AsyncGenericService other_methods_;
  LiveCalls live_calls_;
  std::unique_ptr<CallLog> call_log_;
  LoopLag loop_lag_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<grpc::Server> server_;  // null when not serving
  std::unique_ptr<Acceptor> acceptor_;    // of that server
  std::string address_;
  int port_ = 0;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_GRPC_SERVER_H_
