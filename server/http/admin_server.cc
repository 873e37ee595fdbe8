#include "server/http/admin_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/base/host_port.h"
#include "server/http/config_page.h"

namespace convoy::http {
namespace {

constexpr int kThreads = 3;
// No page takes a body.
constexpr size_t kMaxBodyBytes = 4096;
constexpr int kSilenceSeconds = 2;
constexpr int kIdleSeconds = 1;

constexpr char kText[] = "text/plain; charset=utf-8";
// The exposition format's own type.
constexpr char kMetricsText[] = "text/plain; version=0.0.4; charset=utf-8";

constexpr char kIndex[] = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Convoy</title></head><body>
<h1>Convoy</h1>
<ul>
<li><a href="/metrics">/metrics</a> what Prometheus reads</li>
<li><a href="/config">/config</a> options in force and the layers, as JSON</li>
<li><a href="/v2/health/live">/v2/health/live</a> 200 while the process answers</li>
<li><a href="/v2/health/ready">/v2/health/ready</a> 200 while requests are taken, else 503</li>
</ul>
</body></html>
)";

// The library's own choice lets a second server share the port unnoticed.
void AllowQuickRestart(int socket) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

}  // namespace

AdminServer::AdminServer(const registry::Registry& registry, const metrics::Metrics& metrics,
                         nlohmann::ordered_json server)
    : registry_(registry),
      metrics_(metrics),
      server_json_(std::move(server)),
      http_(std::make_unique<httplib::Server>()) {}

AdminServer::~AdminServer() { Stop(); }

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& address,
                                                                const registry::Registry& registry,
                                                                const metrics::Metrics& metrics,
                                                                nlohmann::ordered_json server) {
  std::unique_ptr<AdminServer> admin(new AdminServer(registry, metrics, std::move(server)));
  admin->SetLimits();
  admin->AddPages();
  CONVOY_RETURN_IF_ERROR(admin->Listen(address));
  return admin;
}

void AdminServer::SetLimits() {
  http_->new_task_queue = [] {
    return new httplib::ThreadPool(kThreads);
  };  // the library's to delete
  http_->set_socket_options(AllowQuickRestart);
  http_->set_payload_max_length(kMaxBodyBytes);
  http_->set_read_timeout(kSilenceSeconds);
  http_->set_write_timeout(kSilenceSeconds);
  // A kept connection holds a thread: with a request each, a health probe never
  // waits behind idle browsers.
  http_->set_keep_alive_max_count(1);
  http_->set_keep_alive_timeout(kIdleSeconds);
}

void AdminServer::AddPages() {
  using httplib::Request;
  using httplib::Response;
  http_->Get("/", [](const Request&, Response& response) {
    response.set_content(kIndex, "text/html; charset=utf-8");
  });
  http_->Get("/metrics", [this](const Request&, Response& response) {
    response.set_content(metrics_.Serialize(), kMetricsText);
  });
  http_->Get("/v2/health/live",
             [](const Request&, Response& response) { response.set_content("live\n", kText); });
  http_->Get("/v2/health/ready", [this](const Request&, Response& response) {
    const bool ready = registry_.ready();
    response.status = ready ? 200 : 503;
    response.set_content(ready ? "ready\n" : "not ready\n", kText);
  });
  http_->Get("/config", [this](const Request&, Response& response) {
    using Handler = nlohmann::ordered_json::error_handler_t;
    const nlohmann::ordered_json page = ConfigPage(server_json_, *registry_.snapshot());
    response.set_content(page.dump(2, ' ', false, Handler::replace) + "\n", "application/json");
  });
  http_->set_error_handler([](const Request&, Response& response) {
    // Also called for a 503 of ready, which has its text.
    if (!response.body.empty()) return;
    const bool not_found = response.status == 404;
    response.set_content(
        not_found ? "404: no such page; / lists them\n" : absl::StrCat(response.status, "\n"),
        kText);
  });
}

absl::Status AdminServer::Listen(const std::string& address) {
  CONVOY_ASSIGN_OR_RETURN(const HostPort wanted, ParseHostPort(address));
  errno = 0;
  if (wanted.port == 0) {
    port_ = http_->bind_to_any_port(wanted.host);
  } else {
    port_ = http_->bind_to_port(wanted.host, wanted.port) ? wanted.port : -1;
  }
  if (port_ <= 0) {
    const std::string why = errno == 0 ? "unknown host" : std::generic_category().message(errno);
    return absl::UnavailableError(absl::StrCat("http address ", address, ": cannot listen: ", why));
  }
  listener_ = std::thread([this] { http_->listen_after_bind(); });
  // A stop before this point would be lost.
  while (!http_->is_running()) std::this_thread::yield();
  return absl::OkStatus();
}

void AdminServer::Stop() {
  if (!listener_.joinable()) return;
  http_->stop();
  listener_.join();
}

}  // namespace convoy::http
