#include "server/rpc/layer_resource.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/absl_view.h"
#include "kernel/base/status_macros.h"
#include "server/repository/layer_name.h"
#include "server/repository/version_folder.h"
#include "server/rpc/quoted.h"

namespace convoy::rpc {
namespace {

constexpr std::string_view kLayers = "layers/";
constexpr std::string_view kVersions = "/versions/";

absl::Status Refused(std::string_view field, const char* expected, std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat(AbslView(field), ": expected ", expected, ", got ", Quoted(text)));
}

absl::StatusOr<std::string> CheckedName(std::string_view field, std::string_view name) {
  const absl::Status good = repository::CheckLayerName(name);
  if (good.ok()) return std::string(name);
  return absl::InvalidArgumentError(absl::StrCat(AbslView(field), ": ", good.message()));
}

}  // namespace

absl::StatusOr<std::string> ParseLayer(std::string_view field, std::string_view text) {
  if (!text.starts_with(kLayers)) return Refused(field, "layers/NAME", text);
  return CheckedName(field, text.substr(kLayers.size()));
}

absl::StatusOr<LayerResource> ParseLayerOrVersion(std::string_view field, std::string_view text) {
  constexpr char kExpected[] = "layers/NAME or layers/NAME/versions/NUMBER";
  if (!text.starts_with(kLayers)) return Refused(field, kExpected, text);
  const std::string_view rest = text.substr(kLayers.size());
  const size_t end = rest.find(kVersions);
  LayerResource resource;
  CONVOY_ASSIGN_OR_RETURN(resource.layer, CheckedName(field, rest.substr(0, end)));
  if (end == std::string_view::npos) return resource;
  resource.version = rest.substr(end + kVersions.size());
  if (!repository::ParseVersion(resource.version).has_value()) {
    return Refused(field, kExpected, text);
  }
  return resource;
}

std::string LayerResourceName(std::string_view layer) {
  return absl::StrCat(AbslView(kLayers), AbslView(layer));
}

std::string VersionResourceName(std::string_view layer, int64_t version) {
  return absl::StrCat(AbslView(kLayers), AbslView(layer), AbslView(kVersions), version);
}

}  // namespace convoy::rpc
