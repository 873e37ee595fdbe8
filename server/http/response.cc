#include "server/http/response.h"

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace convoy::http {
namespace {

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";  // clients read the number
  }
}

bool IsOfTheProtocol(const Request& request) {
  return !request.path.empty() && request.path.front() == "v2";
}

}  // namespace

Response TextResponse(int status, std::string text) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}

Response JsonResponse(int status, const nlohmann::ordered_json& value) {
  using Handler = nlohmann::ordered_json::error_handler_t;
  return {.status = status,
          .content_type = "application/json",
          .body = value.dump(2, ' ', false, Handler::replace) + "\n"};
}

bool WantsJson(const Request& request) {
  const std::string_view header = request.Header("accept");
  const std::string accept = absl::AsciiStrToLower({header.data(), header.size()});
  if (absl::StrContains(accept, "application/json")) return true;
  return IsOfTheProtocol(request) && !absl::StrContains(accept, "text/");
}

Response ErrorResponse(const Request& request, int status, std::string_view message) {
  if (WantsJson(request)) return JsonResponse(status, {{"error", message}});
  return TextResponse(status, absl::StrCat(status, ": ", std::string(message), "\n"));
}

std::string SerializeHead(const Response& response, bool keep_alive) {
  const std::string_view reason = Reason(response.status);
  std::string head = absl::StrCat(
      "HTTP/1.1 ", response.status, " ", absl::string_view(reason.data(), reason.size()),
      "\r\nContent-Type: ", response.content_type, "\r\nContent-Length: ", response.body.size(),
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
      "\r\nConnection: ",
      keep_alive ? "keep-alive" : "close", "\r\n");
  for (const auto& [name, value] : response.headers) {
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  return head + "\r\n";
}

}  // namespace convoy::http
