#include "server/http/config_page.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "kernel/base/absl_view.h"
#include "kernel/base/bounded_json.h"

namespace convoy::http {
namespace {

using Json = nlohmann::ordered_json;

// Every option at once is a tenth of it.
constexpr size_t kMaxPatchBytes = size_t{64} << 10;

Response Shown(const config::Configuration& configuration) {
  const Json shown = configuration.Show();
  Response response = JsonResponse(200, shown);
  response.headers.emplace_back("ETag",
                                absl::StrCat("\"", shown.value("etag", std::string()), "\""));
  return response;
}

Response ShowLayer(const config::Configuration& configuration, const Request& request) {
  const absl::StatusOr<Json> layer = configuration.ShowLayer(request.parameters.at("name"));
  if (layer.ok()) return JsonResponse(200, *layer);
  return ErrorResponse(request, 404, std::string(layer.status().message()));
}

// A page of another site may not change anything by way of a visitor's browser, which says
// in Origin whose page it is.
bool IsForeign(const Request& request) {
  const std::string_view origin = request.Header("origin");
  if (origin.empty()) return false;
  const absl::string_view host = AbslView(request.Header("host"));
  return host.empty() || (AbslView(origin) != absl::StrCat("http://", host) &&
                          AbslView(origin) != absl::StrCat("https://", host));
}

bool IsJson(const Request& request) {
  // Not by StrSplit: a header that is left out has no parts, not an empty one.
  const absl::string_view type = AbslView(request.Header("content-type"));
  return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(type.substr(0, type.find(';'))),
                                "application/json");
}

// Those of If-Match; none where it is left out or "*". A weak one matches nothing.
std::vector<std::string> Etags(const Request& request) {
  const absl::string_view header = AbslView(request.Header("if-match"));
  std::vector<std::string> etags;
  if (header.empty() || absl::StripAsciiWhitespace(header) == "*") return etags;
  for (absl::string_view etag : absl::StrSplit(header, ',')) {
    etag = absl::StripAsciiWhitespace(etag);
    const bool quoted = etag.size() >= 2 && etag.front() == '"' && etag.back() == '"';
    etags.emplace_back(quoted ? etag.substr(1, etag.size() - 2) : absl::string_view("none"));
  }
  return etags;
}

// "validate_only=true"; nothing when it is another query.
std::optional<bool> ValidateOnly(const Request& request) {
  if (request.query.empty() || request.query == "validate_only=false") return false;
  if (request.query == "validate_only=true") return true;
  return std::nullopt;
}

int HttpStatus(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kFailedPrecondition:
      return 409;
    case absl::StatusCode::kAborted:
      return 412;
    default:
      return 500;
  }
}

Response Changed(config::Configuration& configuration, config::ChangeRequest change) {
  config::ChangeAnswer answer = configuration.Change(change);
  if (!answer.status.ok()) answer.json["error"] = std::string(answer.status.message());
  Response response = JsonResponse(HttpStatus(answer.status), answer.json);
  if (answer.json.contains("etag")) {
    response.headers.emplace_back("ETag",
                                  absl::StrCat("\"", answer.json["etag"].get<std::string>(), "\""));
  }
  return response;
}

Response Change(config::Configuration& configuration, const Request& request) {
  if (IsForeign(request)) {
    return ErrorResponse(request, 403, "a page of another site (Origin) may not change anything");
  }
  if (!IsJson(request)) {
    Response response = ErrorResponse(request, 415, "expected Content-Type: application/json");
    response.headers.emplace_back("Accept-Patch", "application/json");
    return response;
  }
  const std::optional<bool> validate_only = ValidateOnly(request);
  if (!validate_only.has_value()) {
    return ErrorResponse(request, 400, "expected no query but validate_only=true or =false");
  }
  const absl::StatusOr<nlohmann::json> patch = ParseBoundedJson(request.body);
  if (!patch.ok()) {
    return ErrorResponse(request, 400, absl::StrCat("the body: ", patch.status().message()));
  }
  return Changed(configuration,
                 {.patch = *patch, .etags = Etags(request), .validate_only = *validate_only});
}

}  // namespace

void AddConfigPage(config::Configuration& configuration, Router& router) {
  router.Add("GET", "/config",
             {.page = [&configuration](const Request&) { return Shown(configuration); }});
  router.Add("GET", "/config/layers/{name}", {.page = [&configuration](const Request& request) {
               return ShowLayer(configuration, request);
             }});
  router.Add(
      "PATCH", "/config",
      {.page = [&configuration](const Request& request) { return Change(configuration, request); },
       .max_body_bytes = kMaxPatchBytes});
}

}  // namespace convoy::http
