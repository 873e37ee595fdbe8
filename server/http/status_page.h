// The server's state for people, and as JSON.
#ifndef CONVOY_SERVER_HTTP_STATUS_PAGE_H_
#define CONVOY_SERVER_HTTP_STATUS_PAGE_H_

#include "server/http/router.h"
#include "server/status/board.h"

namespace convoy::http {

// Adds "/", one page of HTML that fetches nothing but "/status" again and again, and
// "/status", the board's text. `board` must outlive the router.
void AddStatusPage(status::Board& board, Router& router);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_STATUS_PAGE_H_
