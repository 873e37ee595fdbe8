// Which page answers which request.
#ifndef CONVOY_SERVER_HTTP_ROUTER_H_
#define CONVOY_SERVER_HTTP_ROUTER_H_

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "server/access/gate.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace convoy::http {

// Makes one page's answer. Any thread; several at once.
using Page = std::function<Response(const Request&)>;

struct Route {
  Page page;
  // Answered on the thread that moves the bytes of all connections, without waiting
  // for other pages: for what takes microseconds and must always answer.
  bool at_once = false;
  size_t max_body_bytes = 0;  // 0: the page takes no body
  // The router's: what callers need (access::PermissionOfPage).
  access::Permission permission = access::Permission::kWrite;
};

// Pages by path and method. Filled first, then only read: from then on thread-safe.
class Router {
 public:
  // `pattern` is a path whose segments are words or names in braces, which any segment
  // matches and which the page finds in Request::parameters:
  // "/v2/models/{name}/ready". A page of GET answers HEAD too.
  // REQUIRES: no earlier pattern with the method matches a path that `pattern` does.
  void Add(std::string_view method, std::string_view pattern, Route route);

  // Pages need what the gate wants of their callers; null: they need nothing.
  void Protect(const access::Gate* gate) { gate_ = gate; }

  // Method and pattern of each page.
  std::vector<std::pair<std::string, std::string>> Pages() const;

  // The route of `request`, whose parameters are filled; or the answer that there is
  // none: 404, or 405 for another method; 401 or 403 for whom the gate does not let in.
  std::variant<const Route*, Response> Find(Request& request) const;

 private:
  struct Entry {
    std::vector<std::string> pattern;
    std::map<std::string, Route> by_method;
  };

  // Nothing if the caller may have the page.
  std::optional<Response> Refuse(const Route& route, const Request& request) const;

  std::vector<Entry> entries_;
  const access::Gate* gate_ = nullptr;
};

// The page's answer; 500 when it threw.
Response Answer(const Route& route, const Request& request);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_ROUTER_H_
