#include "server/http/router.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace convoy::http {
namespace {

bool IsParameter(const std::string& segment) { return segment.front() == '{'; }

bool Matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](const std::string& expected, const std::string& segment) {
                      return IsParameter(expected) ? !segment.empty() : expected == segment;
                    });
}

void FillParameters(const std::vector<std::string>& pattern, Request& request) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (!IsParameter(pattern[i])) continue;
    request.parameters[pattern[i].substr(1, pattern[i].size() - 2)] = request.path[i];
  }
}

Response WrongMethod(const Request& request, const std::map<std::string, Route>& by_method) {
  std::vector<std::string> allowed;
  for (const auto& [method, route] : by_method) {
    allowed.push_back(method);
    if (method == "GET") allowed.emplace_back("HEAD");
  }
  const std::string list = absl::StrJoin(allowed, ", ");
  Response response = ErrorResponse(request, 405, absl::StrCat("the method is not one of ", list));
  response.headers.emplace_back("Allow", list);
  return response;
}

}  // namespace

void Router::Add(std::string_view method, std::string_view pattern, Route route) {
  const absl::string_view path(pattern.data() + 1, pattern.size() - 1);
  std::vector<std::string> segments;
  if (!path.empty()) segments = absl::StrSplit(path, '/');
  auto entry = std::find_if(entries_.begin(), entries_.end(),
                            [&segments](const Entry& entry) { return entry.pattern == segments; });
  if (entry == entries_.end()) {
    entry = entries_.insert(entry, Entry{.pattern = std::move(segments), .by_method = {}});
  }
  route.permission = access::PermissionOfPage(method, pattern).value_or(access::Permission::kWrite);
  entry->by_method.emplace(method, std::move(route));
}

std::vector<std::pair<std::string, std::string>> Router::Pages() const {
  std::vector<std::pair<std::string, std::string>> pages;
  for (const Entry& entry : entries_) {
    for (const auto& [method, route] : entry.by_method) {
      pages.emplace_back(method, absl::StrCat("/", absl::StrJoin(entry.pattern, "/")));
    }
  }
  return pages;
}

std::optional<Response> Router::Refuse(const Route& route, const Request& request) const {
  if (gate_ == nullptr) return std::nullopt;
  const absl::StatusOr<access::Caller> caller =
      gate_->Admit(route.permission, {.authorization = request.Header("authorization"),
                                      .certificate_names = request.certificate_names,
                                      .is_local = request.is_local});
  absl::Status status = caller.status();
  const auto layer = request.parameters.find("name");
  if (status.ok() && layer != request.parameters.end()) {
    status = caller->CheckLayer(route.permission, layer->second);
  }
  if (status.ok()) return std::nullopt;
  const bool unknown = absl::IsUnauthenticated(status);
  Response response = ErrorResponse(request, unknown ? 401 : 403, std::string(status.message()));
  if (unknown) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

std::variant<const Route*, Response> Router::Find(Request& request) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return Matches(entry.pattern, request.path);
  });
  if (entry == entries_.end()) {
    return ErrorResponse(request, 404, "no such page; / lists them");
  }
  const auto route = entry->by_method.find(request.method == "HEAD" ? "GET" : request.method);
  if (route == entry->by_method.end()) return WrongMethod(request, entry->by_method);
  FillParameters(entry->pattern, request);
  if (std::optional<Response> refusal = Refuse(route->second, request)) {
    return *std::move(refusal);
  }
  return &route->second;
}

Response Answer(const Route& route, const Request& request) {
  try {
    return route.page(request);
  } catch (const std::exception& error) {
    return ErrorResponse(request, 500, error.what());
  }
}

}  // namespace convoy::http
