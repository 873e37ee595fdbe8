#include "server/options/option_in_force.h"

namespace convoy {
namespace {

using Json = nlohmann::ordered_json;

Json Described(const OptionInForce& option) {
  Json json = {{"value", option.value}, {"source", SourceName(option.source)}};
  if (!option.unit.empty()) json["unit"] = option.unit;
  if (!option.least.is_null()) json["minimum"] = option.least;
  if (!option.most.is_null()) json["maximum"] = option.most;
  if (!option.choices.empty()) json["choices"] = option.choices;
  json["changeable"] = option.changeable;
  return json;
}

}  // namespace

const char* SourceName(OptionSource source) {
  switch (source) {
    case OptionSource::kRuntime:
      return "runtime";
    case OptionSource::kFlag:
      return "flag";
    case OptionSource::kEnvironment:
      return "environment";
    case OptionSource::kFile:
      return "file";
    case OptionSource::kMemoryLimit:
      return "memory limit";
    case OptionSource::kDefault:
      break;
  }
  return "default";
}

Json ToJson(const std::vector<OptionInForce>& in_force) {
  auto json = Json::object();
  for (const OptionInForce& option : in_force) json[option.name] = Described(option);
  return json;
}

}  // namespace convoy
