// The HTTP port: metrics, health, configuration, and the protocol's metadata.
#ifndef CONVOY_SERVER_HTTP_ADMIN_SERVER_H_
#define CONVOY_SERVER_HTTP_ADMIN_SERVER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/access/entrance.h"
#include "server/config/configuration.h"
#include "server/http/http_server.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"

namespace convoy::status {
class Board;
}

namespace convoy::http {

// Serves, each from a file of its own:
//   GET  /                            the server's state, for people
//   GET  /status                      the same as JSON
//   GET  /metrics                     Prometheus text
//   GET  /config                      JSON: options and layers, see config::Configuration
//   GET  /config/layers/NAME          of it, one layer
//   GET  /v2/health/live              200 as long as the process answers
//   GET  /v2/health/ready             200 while the registry is ready, else 503
//   GET  /v2                          the server's name, version and extensions
//   GET  /v2/models/NAME              the layer's tensors and versions
//   GET  /v2/models/NAME/ready        200 while it can be called, else 503
//   POST /v2/models/NAME/infer        501 and where gRPC listens
// The last three take /versions/VERSION after NAME. Those under /v2 are the REST form
// of the Open Inference Protocol and answer in JSON unless text is asked for.
//
// Thread-safe but for Stop. Owns its threads.
class AdminServer {
 public:
  // `address` as ListeningSocket::Open reads it. What the configuration says about the
  // server now is shown in parts by /status and, "version" and "grpc_address", by the
  // protocol's pages. The three others must outlive the server.
  //   UNAVAILABLE  it cannot be listened on; the message names it.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const std::string& address,
                                                            const registry::Registry& registry,
                                                            const metrics::Metrics& metrics,
                                                            config::Configuration& configuration,
                                                            const access::Entrance& entrance = {});

  ~AdminServer();

  // The port it listens on; not 0, except for a Unix socket.
  int port() const { return http_->port(); }

  // Method and pattern of each page.
  std::vector<std::pair<std::string, std::string>> pages() const { return http_->router().Pages(); }

  // Answers what was received, closes everything and joins the threads; a silent caller
  // delays it by at most two seconds. Idempotent.
  void Stop() { http_->Stop(); }

 private:
  AdminServer(std::unique_ptr<status::Board> board, std::unique_ptr<HttpServer> http);

  const std::unique_ptr<status::Board> board_;  // outlives the pages that show it
  std::unique_ptr<HttpServer> http_;
};

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_ADMIN_SERVER_H_
