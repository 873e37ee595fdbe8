#include "server/http/health_pages.h"

#include <nlohmann/json.hpp>

namespace convoy::http {

void AddHealthPages(const registry::Registry& registry, Router& router) {
  const auto live = [](const Request& request) {
    return WantsJson(request) ? JsonResponse(200, {{"live", true}}) : TextResponse(200, "live\n");
  };
  const auto ready = [&registry](const Request& request) {
    const bool is_ready = registry.ready();
    const int status = is_ready ? 200 : 503;
    return WantsJson(request) ? JsonResponse(status, {{"ready", is_ready}})
                              : TextResponse(status, is_ready ? "ready\n" : "not ready\n");
  };
  router.Add("GET", "/v2/health/live", {.page = live, .at_once = true});
  router.Add("GET", "/v2/health/ready", {.page = ready, .at_once = true});
}

}  // namespace convoy::http
