// The server's own metadata, as the protocol has it.
#ifndef CONVOY_SERVER_HTTP_SERVER_PAGE_H_
#define CONVOY_SERVER_HTTP_SERVER_PAGE_H_

#include <string>

#include "server/http/router.h"

namespace convoy::http {

// Adds "/v2": {"name": "convoy", "version": `version`, "extensions": []}.
void AddServerPage(const std::string& version, Router& router);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_SERVER_PAGE_H_
