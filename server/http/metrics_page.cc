#include "server/http/metrics_page.h"

namespace convoy::http {
namespace {

// The exposition format's own type.
constexpr char kMetricsText[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

void AddMetricsPage(const metrics::Metrics& metrics, Router& router) {
  router.Add("GET", "/metrics", {.page = [&metrics](const Request&) {
               return Response{.content_type = kMetricsText, .body = metrics.Serialize()};
             }});
}

}  // namespace convoy::http
