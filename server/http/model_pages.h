// What the protocol says about one layer over HTTP.
#ifndef CONVOY_SERVER_HTTP_MODEL_PAGES_H_
#define CONVOY_SERVER_HTTP_MODEL_PAGES_H_

#include <string>

#include "server/http/router.h"
#include "server/registry/registry.h"

namespace convoy::http {

// Adds, for a layer and for one version of it (PATH/versions/VERSION):
//   GET  /v2/models/NAME        name, versions, platform, inputs, outputs
//   GET  /v2/models/NAME/ready  200 while it can be called; at once
//   POST /v2/models/NAME/infer  501: inference is served at `grpc_address`
// 404 for a layer or version that is not there, 503 for one that cannot be called now,
// both with the reason. `registry` must outlive the router.
void AddModelPages(const registry::Registry& registry, const std::string& grpc_address,
                   Router& router);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_MODEL_PAGES_H_
