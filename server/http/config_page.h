// The pages of the configuration.
#ifndef CONVOY_SERVER_HTTP_CONFIG_PAGE_H_
#define CONVOY_SERVER_HTTP_CONFIG_PAGE_H_

#include "server/config/configuration.h"
#include "server/http/router.h"

namespace convoy::http {

// Adds
//   GET   /config              what Configuration::Show says, its etag also as a header
//   GET   /config/layers/NAME  what it says of one layer
//   PATCH /config              Configuration::Change: the body is the patch, If-Match may
//                              name etags, ?validate_only=true asks what would happen
// A PATCH is refused unless it is application/json (415), from no other site's page (403)
// and, in the words of Change, good: 400, 404, 409 (not while the server runs), 412 (etag).
// `configuration` must outlive the router.
void AddConfigPage(config::Configuration& configuration, Router& router);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_CONFIG_PAGE_H_
