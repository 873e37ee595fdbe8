#include "server/http/admin_server.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "kernel/base/status_macros.h"
#include "server/http/config_page.h"
#include "server/http/health_pages.h"
#include "server/http/metrics_page.h"
#include "server/http/model_pages.h"
#include "server/http/router.h"
#include "server/http/server_page.h"
#include "server/http/status_page.h"
#include "server/status/board.h"

namespace convoy::http {

AdminServer::AdminServer(std::unique_ptr<status::Board> board, std::unique_ptr<HttpServer> http)
    : board_(std::move(board)), http_(std::move(http)) {}

AdminServer::~AdminServer() = default;

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    const std::string& address, const registry::Registry& registry, const metrics::Metrics& metrics,
    config::Configuration& configuration, const access::Entrance& entrance) {
  const nlohmann::ordered_json about = configuration.About();
  auto board = std::make_unique<status::Board>(registry, metrics, about);
  Router router;
  router.Protect(entrance.gate);
  AddStatusPage(*board, router);
  AddMetricsPage(metrics, router);
  AddHealthPages(registry, router);
  AddServerPage(about.value("version", ""), router);
  AddModelPages(registry, about.value("grpc_address", ""), router);
  AddConfigPage(configuration, router);
  CONVOY_ASSIGN_OR_RETURN(std::unique_ptr<HttpServer> http,
                          HttpServer::Start(address, std::move(router), entrance.certificates));
  board->Start();
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(board), std::move(http)));
}

}  // namespace convoy::http
