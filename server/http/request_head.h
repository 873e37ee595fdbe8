// The lines of an HTTP request before its body.
#ifndef CONVOY_SERVER_HTTP_REQUEST_HEAD_H_
#define CONVOY_SERVER_HTTP_REQUEST_HEAD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "server/http/request.h"

namespace convoy::http {

// A request that no page can answer: the status to answer, and a sentence.
struct HttpError {
  int status = 400;
  std::string message;
};

struct RequestHead {
  Request request;
  bool keep_alive = true;         // the caller may send another request
  bool has_body = false;          // bytes follow that belong to this request
  bool expects_continue = false;  // the caller waits for a word before it sends the body
  // Of the body; nothing when only its own bytes tell (Transfer-Encoding).
  std::optional<uint64_t> body_bytes = 0;
};

// Reads the request line and the headers of HTTP/1.0 and HTTP/1.1 (RFC 9112): `text`
// is all up to and with the empty line. Strict, so that a proxy in front and this
// server never see two different requests in one text: lines end with CR LF, a header
// does not go on in the next line, a length is one number. HTTP/1.1 without a Host is
// let pass: balancers' checks send none.
std::variant<RequestHead, HttpError> ParseRequestHead(std::string_view text);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_REQUEST_HEAD_H_
