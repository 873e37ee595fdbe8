#include "server/http/index_page.h"

namespace convoy::http {
namespace {

constexpr char kIndex[] = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Convoy</title></head><body>
<h1>Convoy</h1>
<ul>
<li><a href="/metrics">/metrics</a> what Prometheus reads</li>
<li><a href="/config">/config</a> options in force and the layers, as JSON</li>
<li><a href="/v2/health/live">/v2/health/live</a> 200 while the process answers</li>
<li><a href="/v2/health/ready">/v2/health/ready</a> 200 while requests are taken, else 503</li>
<li><a href="/v2">/v2</a> name and version</li>
<li>/v2/models/NAME, /v2/models/NAME/ready, with /versions/VERSION after NAME where one is
meant: a layer's tensors, and whether it can be called</li>
</ul>
</body></html>
)";

}  // namespace

void AddIndexPage(Router& router) {
  router.Add("GET", "/", {.page = [](const Request&) {
               return Response{.content_type = "text/html; charset=utf-8", .body = kIndex};
             }});
}

}  // namespace convoy::http
