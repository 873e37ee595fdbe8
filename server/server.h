// The whole server, assembled.
#ifndef CONVOY_SERVER_SERVER_H_
#define CONVOY_SERVER_SERVER_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/engine/tile/byte_budget.h"
#include "server/access/gate.h"
#include "server/base/repeater.h"
#include "server/batching/scheduler.h"
#include "server/http/admin_server.h"
#include "server/layer_administration.h"
#include "server/loading/layer_loader.h"
#include "server/memory_reclaimer.h"
#include "server/metrics/metrics.h"
#include "server/options/server_options.h"
#include "server/registry/registry.h"
#include "server/repository_control.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/scheduler_backend.h"
#include "server/server_configuration.h"
#include "server/tls/certificate_files.h"

namespace convoy {

// Serves the repository's layers until Shutdown, each as soon as it is loaded.
//
// For one thread. Members are in the order of their dependence, so that each
// outlives those that use it.
class Server {
 public:
  // Returns once both ports are served. The layers are loaded behind it; when every
  // one is that can be, and all required ones are there, the server is ready.
  //   NOT_FOUND, INVALID_ARGUMENT, UNAVAILABLE  the repository's folder cannot
  //       be read, or an address cannot be listened on; names it.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ParsedOptions& options);

  // Shuts down at once, without a lame-duck period, unless Shutdown was called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Where it listens, the ports never 0 (a Unix socket has none).
  std::string grpc_address() const;
  std::string http_address() const;

  // Turns NOT_SERVING, waits out the lame-duck period, takes no more calls, lets
  // those in flight finish, and closes both ports. While layers are being loaded
  // there is no such period. Idempotent.
  void Shutdown();

  // Reads the option file again (ServerConfiguration::Reload). Any thread.
  void ReloadOptions() { configuration_.Reload(); }

 private:
  explicit Server(const ParsedOptions& options);

  // Reads certificates and tokens, and follows them from then on.
  absl::Status OpenSecrets();
  void LookAtSecrets();
  absl::Status Listen();
  // What the process takes beyond MemoryBound, as it started: what is changed later only
  // makes it take less, or is an operator's wish.
  int64_t MemoryExcess() const;
  // Those of the services beside inference; for each lane of gRPC.
  void AddMethods(rpc::MethodTable& table);
  void LogReadiness();
  void Close(std::chrono::nanoseconds grace);

  const ServerOptions options_;
  const int64_t memory_limit_;  // bytes
  metrics::Metrics metrics_;
  engine::ByteBudget primitives_;  // of all layers, so it outlives them
  registry::Registry registry_;
  batching::OverridesByLayer overrides_;
  batching::Scheduler scheduler_;
  rpc::SchedulerBackend backend_;
  loading::LayerLoader loader_;
  MemoryReclaimer reclaimer_;
  ServerConfiguration configuration_;
  std::optional<LayerAdministration> administration_;    // once the loader is open
  std::optional<RepositoryControl> control_;             // the same
  std::unique_ptr<tls::CertificateFiles> certificates_;  // null without TLS
  std::unique_ptr<access::Gate> gate_;                   // null when everybody is let in
  Repeater file_looks_;                                  // at files of secrets
  std::unique_ptr<rpc::GrpcServer> grpc_;
  std::unique_ptr<http::AdminServer> admin_;

  // Of the registry's listener, which runs once at a time.
  bool told_of_sections_ = false;
  std::optional<absl::Status> logged_readiness_;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_SERVER_H_
