#include "kernel/keras/keras_object.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kernel/keras/python_repr.h"

namespace convoy::keras {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// Keras' own modules, by the names of its several distributions.
bool IsKerasModule(const std::string& module) {
  constexpr const char* kRoots[] = {"keras", "tf_keras", "tensorflow.keras", "builtins"};
  return std::any_of(std::begin(kRoots), std::end(kRoots), [&](const char* root) {
    return module == root || absl::StartsWith(module, absl::StrCat(root, "."));
  });
}

json Member(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? json() : *found;
}

absl::Status CheckOrigin(std::string_view what, const json& value, const std::string& name) {
  if (name == "__lambda__") {
    return absl::UnimplementedError(
        absl::StrCat(std::string(what), ": a Python lambda cannot be loaded, its config is code."));
  }
  const json module = Member(value, "module");
  const json registered = Member(value, "registered_name");
  if (!module.is_null() && !module.is_string()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(what), ": expected `module` to be a string or null, got ",
                     PythonRepr(module), "."));
  }
  const bool builtin_module = !module.is_string() || IsKerasModule(module.get<std::string>());
  const bool custom_name =
      registered.is_string() && absl::StrContains(registered.get_ref<const std::string&>(), ">");
  if (builtin_module && !custom_name && !absl::StrContains(name, ">")) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(std::string(what), ": the custom object '",
                                               custom_name ? registered.get<std::string>() : name,
                                               "' of module ", PythonRepr(module),
                                               " is not part of Keras and cannot be loaded."));
}

}  // namespace

absl::StatusOr<KerasObject> ReadKerasObject(std::string_view what, const json& value) {
  KerasObject object;
  if (value.contains("value") && !value.contains("class_name")) {
    return CheckOrigin(what, value, "__lambda__");
  }
  const json name = Member(value, "class_name");
  if (!name.is_string()) {
    return absl::InvalidArgumentError(absl::StrCat(
        std::string(what), ": Unknown `config` as a `dict`, config=", PythonRepr(value)));
  }
  object.class_name = name.get<std::string>();
  json config = Member(value, "config");
  object.is_function = object.class_name == "function";
  if (object.is_function) {
    if (!config.is_string()) {
      return absl::InvalidArgumentError(
          absl::StrCat(std::string(what), ": expected the name of a function as `config`, got ",
                       PythonRepr(config), "."));
    }
    object.class_name = config.get<std::string>();
    config = json::object();
  }
  if (absl::Status origin = CheckOrigin(what, value, object.class_name); !origin.ok()) {
    return origin;
  }
  // None stands for no arguments; anything else would be dropped for the defaults.
  if (config.is_null()) return object;
  if (!config.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(what), ": Expected 'config' to be a dict for ", object.class_name,
                     ", instead got <class '", std::string(PythonTypeName(config)), "'>"));
  }
  object.config = std::move(config);
  return object;
}

ordered_json WriteKerasObject(std::string_view module, std::string_view class_name,
                              ordered_json config) {
  if (config.is_null()) config = ordered_json::object();
  return {{"module", module},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

ordered_json FromKerasText(const std::string& keras_json) {
  return keras_json.empty() ? ordered_json() : ordered_json::parse(keras_json);
}

}  // namespace convoy::keras
