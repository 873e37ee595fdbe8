// What the HTTP port has.
#ifndef CONVOY_SERVER_HTTP_INDEX_PAGE_H_
#define CONVOY_SERVER_HTTP_INDEX_PAGE_H_

#include "server/http/router.h"

namespace convoy::http {

// Adds "/": the other pages, for people.
void AddIndexPage(Router& router);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_INDEX_PAGE_H_
