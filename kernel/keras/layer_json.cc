#include "kernel/keras/layer_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernel/base/bounded_json.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/conv1d_json.h"
#include "kernel/keras/input_shape.h"
#include "kernel/keras/keras_object.h"
#include "kernel/keras/python_repr.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

// The value of `key`, or null.
json Member(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? json() : *found;
}

// Which Keras wrote the file. TensorFlow.js means by a name what Keras 2 did.
int KerasMajor(const std::string& version) {
  return absl::StartsWith(version, "2") || absl::StartsWith(version, "tfjs") ? 2 : 3;
}

// Keras 1 had other names for the arguments, and another shape for the kernel.
absl::Status CheckNotKeras1(const json& config) {
  std::vector<std::string> names;
  for (const char* name : {"nb_filter", "filter_length", "border_mode", "subsample_length",
                           "atrous_rate", "W_regularizer", "W_constraint"}) {
    if (config.contains(name)) names.push_back(absl::StrCat("`", name, "`"));
  }
  if (names.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("This is a layer of Keras 1 (", absl::StrJoin(names, ", "),
                   "). Load its model with a standalone Keras 2 (2.0 to 2.3), which still reads "
                   "it, save it again and take config and weights from there."));
}

// Reads the layer's arguments. The first layer of a model of Keras 2 or TensorFlow.js
// carries its input shape among them; so may any config without a module, which is
// older than Keras 3.
absl::Status ParseArguments(const json& file, int keras_major, LayerFile& parsed) {
  json config = Member(file, "config");
  if (config.is_object() && (keras_major == 2 || !Member(file, "module").is_string())) {
    CONVOY_ASSIGN_OR_RETURN(parsed.build_input_shape, TakeKeras2InputShape(config));
  }
  CONVOY_ASSIGN_OR_RETURN(parsed.config, ParseConv1DConfig(config, keras_major));
  return absl::OkStatus();
}

absl::StatusOr<std::string> ParseVersion(const json& file) {
  const json version = Member(file, "keras_version");
  if (version.is_null()) return std::string();
  if (version.is_string()) return version.get<std::string>();
  return absl::InvalidArgumentError(
      absl::StrCat("keras_version: expected a string, got ", PythonRepr(version), "."));
}

// Messages repeat values of the file; this is where they end.
absl::Status Shortened(const absl::Status& status) {
  constexpr size_t kLongest = 1000;
  std::string_view text(status.message().data(), status.message().size());
  if (text.size() <= kLongest) return status;
  size_t end = kLongest;
  // Not inside a character of UTF-8.
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::Status(status.code(), absl::StrCat(std::string(text.substr(0, end)), "..."));
}

absl::StatusOr<LayerFile> ReadFile(std::string_view json_text) {
  CONVOY_ASSIGN_OR_RETURN(const json file, ParseBoundedJson(json_text));
  if (!file.is_object()) {
    return absl::InvalidArgumentError("The layer config is not a JSON object.");
  }
  CONVOY_RETURN_IF_ERROR(CheckNotKeras1(Member(file, "config")));
  CONVOY_ASSIGN_OR_RETURN(const KerasObject object, ReadKerasObject("layer", file));
  if (object.class_name != "Conv1D" && object.class_name != "Convolution1D") {
    return absl::InvalidArgumentError(
        absl::StrCat("class_name: expected \"Conv1D\", got '", object.class_name, "'."));
  }
  LayerFile parsed;
  CONVOY_ASSIGN_OR_RETURN(parsed.keras_version, ParseVersion(file));
  CONVOY_RETURN_IF_ERROR(ParseArguments(file, KerasMajor(parsed.keras_version), parsed));
  const json build = Member(file, "build_config");
  if (!build.is_null() && !build.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("build_config: expected an object, got ", PythonRepr(build), "."));
  }
  if (build.is_object() && !Member(build, "input_shape").is_null()) {
    CONVOY_ASSIGN_OR_RETURN(
        parsed.build_input_shape,
        ParseInputShape("build_config.input_shape", Member(build, "input_shape")));
  }
  return parsed;
}

}  // namespace

absl::StatusOr<LayerFile> ParseLayer(std::string_view json_text) {
  absl::StatusOr<LayerFile> file = ReadFile(json_text);
  if (!file.ok()) return Shortened(file.status());
  return file;
}

}  // namespace convoy::keras
