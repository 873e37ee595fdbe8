#include "server/rpc/config_methods.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "kernel/base/json_text.h"
#include "kernel/base/status_macros.h"
#include "server/rpc/threaded_unary.h"

namespace convoy::rpc {
namespace {

using Json = nlohmann::ordered_json;

// The messages' fields are the members of the JSON, so that both ports say the same.
absl::Status FromJson(const Json& json, bool strict, google::protobuf::Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = !strict;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(JsonText(json), &message, options);
  return parsed.ok() ? absl::OkStatus() : absl::InternalError(parsed.ToString());
}

absl::StatusOr<Json> Shown(const config::Configuration& configuration,
                           const v1::GetServerConfigRequest& request) {
  if (request.layer().empty()) return configuration.Show();
  Json shown = configuration.ShowWithoutLayers();
  CONVOY_ASSIGN_OR_RETURN(Json layer, configuration.ShowLayer(request.layer()));
  shown["layers"] = Json::array({std::move(layer)});
  return shown;
}

absl::StatusOr<v1::UpdateServerConfigResponse> Update(
    config::Configuration& configuration, const v1::UpdateServerConfigRequest& request) {
  config::ChangeRequest change{.patch = ToPatch(request.changes()),
                               .validate_only = request.validate_only()};
  if (!request.etag().empty()) change.etags.push_back(request.etag());
  const config::ChangeAnswer answer = configuration.Change(change);
  CONVOY_RETURN_IF_ERROR(answer.status);
  v1::UpdateServerConfigResponse response;
  CONVOY_RETURN_IF_ERROR(FromJson(answer.json, /*strict=*/false, response));
  return response;
}

Json ToJson(const google::protobuf::Value& value) {
  // What a double has of whole numbers.
  constexpr double kMostWhole = int64_t{1} << 53;
  using Value = google::protobuf::Value;
  switch (value.kind_case()) {
    case Value::kNumberValue: {
      const double number = value.number_value();
      if (std::trunc(number) == number && std::abs(number) <= kMostWhole) {
        return static_cast<int64_t>(number);
      }
      return number;
    }
    case Value::kStringValue:
      return value.string_value();
    case Value::kBoolValue:
      return value.bool_value();
    // No option takes what is in them.
    case Value::kStructValue:
      return Json::object();
    case Value::kListValue:
      return Json::array();
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      break;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<v1::ServerConfig> ToServerConfig(Json shown, bool strict) {
  // A whole number stays one only in text.
  for (Json& layer : shown["layers"]) {
    for (Json& version : layer["versions"]) {
      version["config_json"] = JsonText(version["config"]);
      version.erase("config");
    }
  }
  v1::ServerConfig config;
  CONVOY_RETURN_IF_ERROR(FromJson(shown, strict, config));
  return config;
}

Json ToPatch(const v1::Changes& changes) {
  Json patch = Json::object();
  for (const auto& [name, value] : changes.options()) patch["options"][name] = ToJson(value);
  for (const auto& [layer, options] : changes.layers()) {
    Json& of_layer = patch["layers"][layer] = Json::object();
    for (const auto& [key, value] : options.fields()) of_layer[key] = ToJson(value);
  }
  return patch;
}

void AddConfigMethods(config::Configuration& configuration, CallThreads& threads,
                      MethodTable& table) {
  AddThreadedUnary<v1::GetServerConfigRequest, v1::ServerConfig>(
      table, MethodPath(kConfigService, "GetServerConfig"), threads,
      [&configuration](const auto& request) -> absl::StatusOr<v1::ServerConfig> {
        CONVOY_ASSIGN_OR_RETURN(Json shown, Shown(configuration, request));
        return ToServerConfig(std::move(shown));
      });
  AddThreadedUnary<v1::UpdateServerConfigRequest, v1::UpdateServerConfigResponse>(
      table, MethodPath(kConfigService, "UpdateServerConfig"), threads,
      [&configuration](const auto& request) { return Update(configuration, request); });
}

}  // namespace convoy::rpc
