#include "server/http/health_pages.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace convoy::http {

void AddHealthPages(const registry::Registry& registry, Router& router) {
  const auto live = [](const Request& request) {
    return WantsJson(request) ? JsonResponse(200, {{"live", true}}) : TextResponse(200, "live\n");
  };
  const auto ready = [&registry](const Request& request) {
    const absl::Status readiness = registry.readiness();
    const std::string reason(readiness.message());
    const bool json = WantsJson(request);
    if (readiness.ok()) {
      return json ? JsonResponse(200, {{"ready", true}}) : TextResponse(200, "ready\n");
    }
    return json ? JsonResponse(503, {{"ready", false}, {"reason", reason}})
                : TextResponse(503, absl::StrCat("not ready: ", reason, "\n"));
  };
  router.Add("GET", "/v2/health/live", {.page = live, .at_once = true});
  router.Add("GET", "/v2/health/ready", {.page = ready, .at_once = true});
}

}  // namespace convoy::http
