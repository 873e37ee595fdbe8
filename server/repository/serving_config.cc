#include "server/repository/serving_config.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernel/base/bounded_json.h"
#include "kernel/base/json_text.h"
#include "kernel/base/status_macros.h"

namespace convoy::repository {
namespace {

using Json = nlohmann::json;

absl::StatusOr<int64_t> IntegerOfAtLeast(int64_t least, const std::string& key, const Json& value) {
  // The parser keeps a number above 2^63 - 1 as unsigned.
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX);
  if (!fits || value.get<int64_t>() < least) {
    return absl::InvalidArgumentError(absl::StrCat(key, ": expected a whole number of at least ",
                                                   least, ", got ", ShownJson(value)));
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
        absl::StrCat(key, ": expected {\"initialize\": {\"seed\": N}}, got ", ShownJson(value)));
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
      absl::StrCat(key, ": expected \"ignore\", \"apply\" or \"refuse\", got ", ShownJson(value)));
}

absl::StatusOr<bool> IsDirect(const std::string& key, const Json& value) {
  if (value == "auto") return false;
  if (value == "direct") return true;
  return absl::InvalidArgumentError(
      absl::StrCat(key, ": expected \"auto\" or \"direct\", got ", ShownJson(value)));
}

const ServingOption* Find(const std::string& key) {
  for (const ServingOption& option : ServingOptions()) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

absl::Status ReadKey(const std::string& key, const Json& value, ServingConfig& config) {
  if (key == "algorithm") {
    CONVOY_ASSIGN_OR_RETURN(config.direct, IsDirect(key, value));
  } else if (key == "constraints") {
    CONVOY_ASSIGN_OR_RETURN(config.constraints, ConstraintsOf(key, value));
  } else if (key == "deterministic") {
    if (!value.is_boolean()) {
      return absl::InvalidArgumentError(
          absl::StrCat(key, ": expected true or false, got ", ShownJson(value)));
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
    const auto name = [](std::string* out, const ServingOption& option) { *out += option.key; };
    return absl::InvalidArgumentError(absl::StrCat("unknown key ", ShownJson(Json(key)),
                                                   "; expected one of ",
                                                   absl::StrJoin(ServingOptions(), ", ", name)));
  }
  return absl::OkStatus();
}

// As serving.json would have it: what is no number, true, false or object is a string.
Json ValueOf(const std::string& text) {
  absl::StatusOr<Json> value = ParseBoundedJson(text);
  const bool taken =
      value.ok() && (value->is_number() || value->is_boolean() || value->is_object());
  return taken ? *std::move(value) : Json(text);
}

}  // namespace

const std::vector<ServingOption>& ServingOptions() {
  static const auto& options = *new std::vector<ServingOption>{
      {.key = "algorithm", .choices = {"auto", "direct"}},
      {.key = "constraints", .choices = {"ignore", "apply", "refuse"}},
      {.key = "deterministic"},
      {.key = "live_versions", .least = 1},
      {.key = "max_batch_bytes", .unit = "bytes", .least = 1, .changeable = true},
      {.key = "max_batch_requests", .least = 1, .changeable = true},
      {.key = "max_queue_delay_microseconds",
       .unit = "microseconds",
       .least = 1,
       .changeable = true},
      {.key = "weights"}};
  return options;
}

absl::StatusOr<ServingConfig> ParseServingConfig(std::string_view json_text) {
  CONVOY_ASSIGN_OR_RETURN(const Json json, ParseBoundedJson(json_text));
  if (!json.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected an object, got ", std::string(json.type_name())));
  }
  ServingConfig config;
  // Until what is timed is never slower for it (docs/adr/0018-fewer-multiplications.md).
  for (const auto& [key, value] : json.items()) {
    CONVOY_RETURN_IF_ERROR(ReadKey(key, value, config));
    config.sources[key] = "serving.json";
  }
  return config;
}

absl::Status CheckSections(const ServingSections& sections) {
  for (const auto& [layer, section] : sections) {
    for (const auto& [key, text] : section) {
      ServingConfig ignored;
      const absl::Status status = ReadKey(key, ValueOf(text), ignored);
      if (status.ok()) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("section \"layer.", layer, "\": ", status.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status ApplySection(const ServingSection& section, ServingConfig& config) {
  for (const auto& [key, text] : section) {
    if (const ServingOption* option = Find(key); option != nullptr && option->changeable) continue;
    CONVOY_RETURN_IF_ERROR(ReadKey(key, ValueOf(text), config));
    config.sources[key] = "file";
  }
  return absl::OkStatus();
}

std::map<std::string, int64_t> BatchingOfSection(const ServingSection& section) {
  std::map<std::string, int64_t> batching;
  for (const auto& [key, text] : section) {
    if (const ServingOption* option = Find(key); option == nullptr || !option->changeable) continue;
    batching[key] = ValueOf(text).get<int64_t>();
  }
  return batching;
}

nlohmann::ordered_json ToJson(const ServingConfig& config) {
  nlohmann::ordered_json json = {{"live_versions", config.live_versions},
                                 {"constraints", ToString(config.constraints)},
                                 {"deterministic", config.deterministic},
                                 {"algorithm", config.direct ? "direct" : "auto"}};
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
