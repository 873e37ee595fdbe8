// Is the process alive, may requests be sent?
#ifndef CONVOY_SERVER_HTTP_HEALTH_PAGES_H_
#define CONVOY_SERVER_HTTP_HEALTH_PAGES_H_

#include "server/http/router.h"
#include "server/registry/registry.h"

namespace convoy::http {

// Adds "/v2/health/live" and "/v2/health/ready", which always answer at once: 200, or
// 503 for not ready; as {"live": true} and {"ready": false, "reason": "..."}, or as a line
// of text for those who accept text. `registry` must outlive the router.
void AddHealthPages(const registry::Registry& registry, Router& router);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_HEALTH_PAGES_H_
