#include "server/repository/serving_config.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/bounded_json.h"
#include "kernel/base/status_macros.h"

namespace convoy::repository {
namespace {

using Json = nlohmann::json;

// For a message: its beginning, in ASCII.
std::string Text(const Json& value) {
  constexpr size_t kShown = 100;
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= kShown ? text : absl::StrCat(text.substr(0, kShown), "...");
}

absl::StatusOr<int64_t> IntegerOfAtLeast(int64_t least, const std::string& key, const Json& value) {
  // The parser keeps a number above 2^63 - 1 as unsigned.
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX);
  if (!fits || value.get<int64_t>() < least) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, ": expected a whole number of at least ", least, ", got ", Text(value)));
  }
  return value.get<int64_t>();
}

absl::StatusOr<int64_t> PositiveInteger(const std::string& key, const Json& value) {
  return IntegerOfAtLeast(1, key, value);
}

// {"initialize": {"seed": 7}}
absl::StatusOr<int64_t> InitializeSeed(const std::string& key, const Json& value) {
  const bool wanted = value.is_object() && value.size() == 1 && value.contains("initialize") &&
                      value["initialize"].is_object() && value["initialize"].size() == 1 &&
                      value["initialize"].contains("seed");
  if (!wanted) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, ": expected {\"initialize\": {\"seed\": N}}, got ", Text(value)));
  }
  return IntegerOfAtLeast(0, absl::StrCat(key, ".initialize.seed"), value["initialize"]["seed"]);
}

const char* ToString(Constraints constraints) {
  switch (constraints) {
    case Constraints::kApply:
      return "apply";
    case Constraints::kRefuse:
      return "refuse";
    case Constraints::kIgnore:
      break;
  }
  return "ignore";
}

absl::StatusOr<Constraints> ConstraintsOf(const std::string& key, const Json& value) {
  if (value == "ignore") return Constraints::kIgnore;
  if (value == "apply") return Constraints::kApply;
  if (value == "refuse") return Constraints::kRefuse;
  return absl::InvalidArgumentError(
      absl::StrCat(key, ": expected \"ignore\", \"apply\" or \"refuse\", got ", Text(value)));
}

absl::Status ReadKey(const std::string& key, const Json& value, ServingConfig& config) {
  if (key == "constraints") {
    CONVOY_ASSIGN_OR_RETURN(config.constraints, ConstraintsOf(key, value));
  } else if (key == "deterministic") {
    if (!value.is_boolean()) {
      return absl::InvalidArgumentError(
          absl::StrCat(key, ": expected true or false, got ", Text(value)));
    }
    config.deterministic = value.get<bool>();
  } else if (key == "live_versions") {
    CONVOY_ASSIGN_OR_RETURN(config.live_versions, PositiveInteger(key, value));
  } else if (key == "max_queue_delay_microseconds") {
    CONVOY_ASSIGN_OR_RETURN(config.max_queue_delay_microseconds, PositiveInteger(key, value));
  } else if (key == "max_batch_requests") {
    CONVOY_ASSIGN_OR_RETURN(config.max_batch_requests, PositiveInteger(key, value));
  } else if (key == "max_batch_bytes") {
    CONVOY_ASSIGN_OR_RETURN(config.max_batch_bytes, PositiveInteger(key, value));
  } else if (key == "weights") {
    CONVOY_ASSIGN_OR_RETURN(config.initialize_seed, InitializeSeed(key, value));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown key ", Text(Json(key)),
                     "; expected constraints, deterministic, live_versions, max_batch_bytes, "
                     "max_batch_requests, max_queue_delay_microseconds or weights"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ServingConfig> ParseServingConfig(std::string_view json_text) {
  CONVOY_ASSIGN_OR_RETURN(const Json json, ParseBoundedJson(json_text));
  if (!json.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected an object, got ", std::string(json.type_name())));
  }
  ServingConfig config;
  for (const auto& [key, value] : json.items()) {
    CONVOY_RETURN_IF_ERROR(ReadKey(key, value, config));
  }
  return config;
}

nlohmann::ordered_json ToJson(const ServingConfig& config) {
  nlohmann::ordered_json json = {{"live_versions", config.live_versions},
                                 {"constraints", ToString(config.constraints)},
                                 {"deterministic", config.deterministic}};
  const auto add = [&json](const char* key, const std::optional<int64_t>& value) {
    if (value.has_value()) json[key] = *value;
  };
  add("max_queue_delay_microseconds", config.max_queue_delay_microseconds);
  add("max_batch_requests", config.max_batch_requests);
  add("max_batch_bytes", config.max_batch_bytes);
  if (config.initialize_seed.has_value()) {
    json["weights"] = {{"initialize", {{"seed", *config.initialize_seed}}}};
  }
  return json;
}

}  // namespace convoy::repository
