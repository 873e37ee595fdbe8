#include "server/repository/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "kernel/base/bounded_json.h"
#include "kernel/base/status_macros.h"
#include "server/base/utf8.h"

namespace convoy::repository {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr size_t kSumDigits = 64;
// Of a name that is not ours, in messages.
constexpr size_t kMaxShown = 100;

absl::Status NotOurs(const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("expected what this server writes, got ", what));
}

bool IsSum(const std::string& text) {
  return text.size() == kSumDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

absl::StatusOr<FileFacts> ParseFacts(const std::string& name, const Json& json) {
  const bool complete = json.is_object() && json.size() == 2 && json.contains("bytes") &&
                        json["bytes"].is_number_unsigned() && json.contains("sha256") &&
                        json["sha256"].is_string();
  if (!complete || json["bytes"].get<uint64_t>() > INT64_MAX ||
      !IsSum(json["sha256"].get_ref<const std::string&>())) {
    return NotOurs(absl::StrCat("other facts of ", Printable(name.substr(0, kMaxShown))));
  }
  return FileFacts{json["bytes"].get<int64_t>(), json["sha256"].get<std::string>()};
}

}  // namespace

std::string ManifestText(const Manifest& manifest) {
  Json files = Json::object();
  for (const auto& [name, facts] : manifest) {
    files[name] = {{"bytes", facts.bytes}, {"sha256", facts.sha256}};
  }
  return nlohmann::ordered_json{{"format", kFormat}, {"files", std::move(files)}}.dump(2) + "\n";
}

absl::StatusOr<Manifest> ParseManifest(std::string_view json_text) {
  const absl::StatusOr<Json> parsed = ParseBoundedJson(json_text);
  if (!parsed.ok()) return NotOurs("no JSON");
  const Json& json = *parsed;
  if (!json.is_object() || !json.contains("format") || !json.contains("files") ||
      !json["files"].is_object()) {
    return NotOurs("other JSON");
  }
  if (json["format"] != kFormat) return NotOurs("another format");
  Manifest manifest;
  for (const auto& [name, facts] : json["files"].items()) {
    CONVOY_ASSIGN_OR_RETURN(manifest[name], ParseFacts(name, facts));
  }
  return manifest;
}

absl::Status CheckFile(const Manifest& manifest, std::string_view name, const FileFacts& facts) {
  const auto found = manifest.find(std::string(name));
  if (found == manifest.end()) {
    return absl::InvalidArgumentError(
        "is not in manifest.json; remove that to make the version one of your own");
  }
  if (found->second.bytes != facts.bytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected ", found->second.bytes, " bytes as in manifest.json, got ", facts.bytes));
  }
  if (found->second.sha256 != facts.sha256) {
    return absl::InvalidArgumentError(absl::StrCat("expected the SHA-256 ", found->second.sha256,
                                                   " as in manifest.json, got ", facts.sha256));
  }
  return absl::OkStatus();
}

}  // namespace convoy::repository
