// The HTTP port: metrics, health and configuration.
#ifndef CONVOY_SERVER_HTTP_ADMIN_SERVER_H_
#define CONVOY_SERVER_HTTP_ADMIN_SERVER_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"

namespace httplib {
class Server;
}

namespace convoy::http {

// Serves on its own few threads:
//   GET /                 an index of the following
//   GET /metrics          Prometheus text
//   GET /v2/health/live   200 as long as the process answers
//   GET /v2/health/ready  200 while the registry is ready, else 503
//   GET /config           JSON, see ConfigPage
// HEAD works on all; anything else is a 404.
//
// Thread-safe but for Stop. Owns its threads. It is for operators, not for the
// open network: bodies, lines, idle and silent connections are bounded, yet a
// client that keeps sending byte after byte holds a thread, and Stop.
class AdminServer {
 public:
  // `address` as ParseHostPort reads it; `server` is shown by /config. The
  // registry and the metrics must outlive the server.
  //   INVALID_ARGUMENT  the address is malformed.
  //   UNAVAILABLE       it cannot be listened on; the message names it.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& address,
                                                            const registry::Registry& registry,
                                                            const metrics::Metrics& metrics,
                                                            nlohmann::ordered_json server);

  // Stops.
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // The port it listens on, never 0.
  int port() const { return port_; }

  // Answers what was received, closes everything and joins the threads; a
  // silent connection delays it by at most two seconds. Idempotent.
  void Stop();

 private:
  AdminServer(const registry::Registry& registry, const metrics::Metrics& metrics,
              nlohmann::ordered_json server);

  void SetLimits();
  void AddPages();
  absl::Status Listen(const std::string& address);

  const registry::Registry& registry_;
  const metrics::Metrics& metrics_;
  const nlohmann::ordered_json server_json_;
  const std::unique_ptr<httplib::Server> http_;
  int port_ = 0;
  std::thread listener_;
};

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_ADMIN_SERVER_H_
