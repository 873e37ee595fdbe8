#include "server/config/layer_json.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "kernel/keras/conv1d_json.h"
#include "kernel/keras/losses_json.h"
#include "kernel/layer/conv1d_config.h"
#include "server/base/protocol_names.h"
#include "server/config/tensor_json.h"
#include "server/repository/serving_config.h"

namespace convoy::config {
namespace {

using Json = nlohmann::ordered_json;

// What serving.json would say to have all that is in force.
Json ServingJson(const repository::ServingConfig& serving, const Overridden& overridden) {
  Json json = repository::ToJson(serving);
  for (const auto& [key, option] : overridden) json[key] = option.value;
  return json;
}

std::string SourceOf(const std::string& key, const repository::ServingConfig& serving,
                     const Overridden& overridden) {
  if (const auto found = overridden.find(key); found != overridden.end()) {
    return found->second.source;
  }
  const auto found = serving.sources.find(key);
  return found == serving.sources.end() ? "default" : found->second;
}

// Every option of a version with what is known of it.
Json OptionsJson(const repository::ServingConfig& serving, const Overridden& overridden) {
  const Json values = ServingJson(serving, overridden);
  Json options = Json::object();
  for (const repository::ServingOption& option : repository::ServingOptions()) {
    Json& json = options[option.key];
    json["value"] = values.contains(option.key) ? values[option.key] : Json();
    json["source"] = SourceOf(option.key, serving, overridden);
    if (!option.unit.empty()) json["unit"] = option.unit;
    if (option.least.has_value()) json["minimum"] = *option.least;
    if (!option.choices.empty()) json["choices"] = option.choices;
    json["changeable"] = option.changeable;
  }
  return options;
}

Json VersionJson(const registry::LiveVersion& live, const Overridden& overridden) {
  const layer::Conv1D& layer = *live.layer;
  const layer::Conv1DConfig& config = layer.config();
  return Json{{"version", live.version},
              {"config", {{"class_name", "Conv1D"}, {"config", keras::ToJson(config)}}},
              {"input", TensorJson(kInputName, layer::InputSpec(layer))},
              {"output", TensorJson(kOutputName, layer::OutputSpec(layer))},
              {"count_params", layer.variables().count_params},
              {"losses", keras::ToJson(layer.variables().losses)},
              {"compute_dtype", layer::KerasName(layer.compute_dtype())},
              {"variable_dtype", layer::KerasName(config.dtype_policy.variable_dtype)},
              {"serving", ServingJson(live.serving, overridden)},
              {"options", OptionsJson(live.serving, overridden)},
              {"checksum", live.checksums.version},
              {"execution", live.DescribeExecution()}};
}

}  // namespace

Json LayerJson(const registry::LiveLayer& layer, const Overridden& overridden) {
  Json versions = Json::array();
  for (const auto& live : layer.versions) versions.push_back(VersionJson(*live, overridden));
  Json incomplete = Json::array();
  for (const absl::Status& problem : layer.incomplete) {
    incomplete.push_back(std::string(problem.message()));
  }
  Json errors = Json::array();
  for (const absl::Status& error : layer.errors) errors.push_back(std::string(error.message()));
  return Json{{"name", layer.name},
              {"state", registry::StateName(layer.state())},
              {"versions", std::move(versions)},
              {"errors", std::move(errors)},
              {"incomplete", std::move(incomplete)}};
}

Json BatchingJson(const registry::LiveLayer* layer, const Overridden& overridden) {
  const bool is_live = layer != nullptr && !layer->versions.empty();
  const Json options = OptionsJson(
      is_live ? layer->versions.front()->serving : repository::ServingConfig(), overridden);
  Json changeable = Json::object();
  for (const auto& [key, option] : options.items()) {
    if (option["changeable"].get<bool>()) changeable[key] = option;
  }
  return changeable;
}

}  // namespace convoy::config
