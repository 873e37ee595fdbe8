#include "server/options/option_state.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "kernel/base/json_text.h"
#include "kernel/base/status_macros.h"
#include "server/options/memory_shares.h"

namespace convoy {
namespace {

using Json = nlohmann::ordered_json;

absl::Status CheckObject(const std::string& where, const Json& json) {
  if (json.is_object()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(where, ": expected an object, got ", json.type_name()));
}

const repository::ServingOption* FindServing(const std::string& key) {
  const auto& options = repository::ServingOptions();
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const auto& option) { return option.key == key; });
  return found == options.end() ? nullptr : &*found;
}

// Whether a layer's option may be changed at run time, to this value or back (null).
absl::Status CheckLayerChange(const std::string& key, const Json& value) {
  const repository::ServingOption* const option = FindServing(key);
  if (option == nullptr) {
    return absl::InvalidArgumentError("there is no such option of a layer; /config lists them");
  }
  if (!option->changeable) {
    return absl::FailedPreconditionError(
        "is not changed at run time: set it in serving.json, or in the option file and restart");
  }
  const bool good = value.is_null() ||
                    (value.is_number_integer() && value >= *option->least && value <= INT64_MAX);
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "expected a whole number of at least ", *option->least, ", or null, got ", ShownJson(value)));
}

// The keys of one section that are not changed at run time.
repository::ServingSection Fixed(const repository::ServingSection& section) {
  repository::ServingSection fixed;
  for (const auto& [key, text] : section) {
    const repository::ServingOption* const option = FindServing(key);
    if (option != nullptr && !option->changeable) fixed.emplace(key, text);
  }
  return fixed;
}

repository::ServingSection SectionOf(const repository::ServingSections& sections,
                                     const std::string& layer) {
  const auto found = sections.find(layer);
  return found == sections.end() ? repository::ServingSection() : found->second;
}

// "layer.NAME.KEY" of all that differs and is not changed at run time.
std::vector<std::string> FixedThatDiffer(const repository::ServingSections& before,
                                         const repository::ServingSections& now) {
  std::set<std::string> names;
  for (const auto* sections : {&before, &now}) {
    for (const auto& [layer, section] : *sections) {
      const repository::ServingSection old = Fixed(SectionOf(before, layer));
      const repository::ServingSection fresh = Fixed(SectionOf(now, layer));
      for (const auto* keys : {&old, &fresh}) {
        for (const auto& [key, text] : *keys) {
          const bool same =
              old.contains(key) && fresh.contains(key) && old.at(key) == fresh.at(key);
          if (!same) names.insert(absl::StrCat("layer.", layer, ".", key));
        }
      }
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace

OptionState::OptionState(ParsedOptions options)
    : started_with_(options.values.loading.sections), options_(std::move(options)) {}

const OptionInForce* OptionState::Find(const std::string& name) const {
  const auto& all = options_.in_force;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

LayerOverrides OptionState::OverridesOf(const std::string& layer) const {
  LayerOverrides overrides;
  for (const auto& [key, value] : repository::BatchingOfSection(SectionOf(sections(), layer))) {
    overrides[key] = {value, "file"};
  }
  if (const auto changes = layer_changes_.find(layer); changes != layer_changes_.end()) {
    for (const auto& [key, value] : changes->second) overrides[key] = {value, "runtime"};
  }
  return overrides;
}

std::vector<std::string> OptionState::NamedLayers() const {
  std::set<std::string> names;
  for (const auto& [layer, section] : sections()) names.insert(layer);
  for (const auto& [layer, changes] : layer_changes_) names.insert(layer);
  return {names.begin(), names.end()};
}

Json OptionState::Changes() const {
  Json options = Json::object();
  for (const auto& [name, value] : changes_) options[name] = value;
  Json layers = Json::object();
  for (const auto& [layer, changes] : layer_changes_) layers[layer] = changes;
  return {{"options", std::move(options)}, {"layers", std::move(layers)}};
}

absl::Status OptionState::Merge(const Json& patch, std::vector<Refusal>& refused) {
  CONVOY_RETURN_IF_ERROR(CheckObject("the patch", patch));
  for (const auto& [key, value] : patch.items()) {
    if (key != "options" && key != "layers") {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown member ", ShownJson(Json(key)), "; expected options and layers"));
    }
    // All changes are taken back.
    if (value.is_null() && key == "options") changes_.clear();
    if (value.is_null() && key == "layers") layer_changes_.clear();
    if (!value.is_null()) CONVOY_RETURN_IF_ERROR(CheckObject(key, value));
  }
  if (const auto options = patch.find("options"); options != patch.end() && !options->is_null()) {
    for (const auto& [name, value] : options->items()) {
      if (value.is_null() && Find(name) != nullptr) {
        changes_.erase(name);
      } else {
        changes_[name] = value;
      }
    }
  }
  if (const auto layers = patch.find("layers"); layers != patch.end() && !layers->is_null()) {
    CONVOY_RETURN_IF_ERROR(MergeLayers(*layers, refused));
  }
  return Parse(options_.inputs, refused);
}

absl::Status OptionState::MergeLayers(const Json& layers, std::vector<Refusal>& refused) {
  for (const auto& [layer, patch] : layers.items()) {
    if (patch.is_null()) {
      layer_changes_.erase(layer);
      continue;
    }
    CONVOY_RETURN_IF_ERROR(CheckObject(absl::StrCat("layers.", layer), patch));
    for (const auto& [key, value] : patch.items()) {
      absl::Status status = CheckLayerChange(key, value);
      if (!status.ok()) {
        refused.push_back({layer, key, std::move(status)});
      } else if (value.is_null()) {
        layer_changes_[layer].erase(key);
      } else {
        layer_changes_[layer][key] = value.get<int64_t>();
      }
    }
    if (layer_changes_[layer].empty()) layer_changes_.erase(layer);
  }
  return absl::OkStatus();
}

absl::Status OptionState::Reload() {
  OptionInputs inputs = options_.inputs;
  inputs.file.reset();
  std::vector<Refusal> refused;
  CONVOY_RETURN_IF_ERROR(Parse(std::move(inputs), refused));
  // They were good before, and the file does not change that.
  return refused.empty() ? absl::OkStatus() : refused.front().why;
}

absl::Status OptionState::Parse(OptionInputs inputs, std::vector<Refusal>& refused) {
  std::vector<RefusedChange> changes;
  auto parsed = ParseServerOptions(std::move(inputs), changes_, &changes);
  if (const auto* const exit = std::get_if<OptionsExit>(&parsed)) {
    return absl::InvalidArgumentError(exit->text);
  }
  auto fresh = std::get<ParsedOptions>(std::move(parsed));
  if (options_.memory_bytes.has_value()) FitInMemory(*options_.memory_bytes, fresh);
  for (RefusedChange& change : changes) {
    refused.push_back({"", std::move(change.name), std::move(change.why)});
  }
  const std::vector<OptionInForce> before = std::exchange(options_, std::move(fresh)).in_force;
  needs_restart_ = FixedThatDiffer(started_with_, sections());
  for (const OptionInForce& old : before) {
    if (!old.changeable && Find(old.name)->value != old.value) Keep(old);
  }
  return absl::OkStatus();
}

void OptionState::Keep(const OptionInForce& option) {
  for (OptionInForce& each : options_.in_force) {
    if (each.name == option.name) each = option;
  }
  needs_restart_.push_back(option.name);
}

}  // namespace convoy
