// An HTTP answer, and how it is written.
#ifndef CONVOY_SERVER_HTTP_RESPONSE_H_
#define CONVOY_SERVER_HTTP_RESPONSE_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/request.h"

namespace convoy::http {

struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beyond those of every answer
};

Response TextResponse(int status, std::string text);

// Indented, with what is not UTF-8 replaced.
Response JsonResponse(int status, const nlohmann::ordered_json& value);

// True when `request` names JSON as what it accepts, or any type and its path is one
// of the inference protocol's, which answers in JSON.
bool WantsJson(const Request& request);

// {"error": `message`} for those who want JSON, else `message` as a line of text.
Response ErrorResponse(const Request& request, int status, std::string_view message);

// The lines before the body, with its length and whether the connection stays open.
std::string SerializeHead(const Response& response, bool keep_alive);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_RESPONSE_H_
