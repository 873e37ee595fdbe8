// An HTTP request as pages see it.
#ifndef CONVOY_SERVER_HTTP_REQUEST_H_
#define CONVOY_SERVER_HTTP_REQUEST_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace convoy::http {

struct Request {
  std::string method;             // as it came: "GET"
  std::vector<std::string> path;  // what stands between the slashes, decoded; empty for "/"
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::vector<std::string> certificate_names;                // of the caller's verified certificate
  bool is_local = false;                                     // over a Unix socket
  std::map<std::string, std::string> parameters;             // by the names of the route's pattern
  std::string query;  // what stands after the "?", as it came
  std::string body;   // of a route that takes one

  // The first header of the name, which is in lower case; empty when there is none.
  std::string_view Header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_REQUEST_H_
