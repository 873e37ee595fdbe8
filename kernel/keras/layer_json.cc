#include "kernel/keras/layer_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/conv1d_json.h"
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

// A shape of rank 3 or nothing; null dimensions become -1.
absl::StatusOr<std::vector<int64_t>> ParseShape(const char* where, const json& shape) {
  std::vector<int64_t> dimensions;
  if (shape.is_null()) return dimensions;
  bool valid = shape.is_array() && shape.size() == 3;
  for (const json& dimension : shape) {
    valid = valid && (dimension.is_null() || dimension.is_number_unsigned());
    if (valid) dimensions.push_back(dimension.is_null() ? -1 : dimension.get<int64_t>());
  }
  if (valid) return dimensions;
  return absl::InvalidArgumentError(absl::StrCat(
      where, ": expected three dimensions, each a number or null, got ", PythonRepr(shape), "."));
}

// Which Keras wrote the file. TensorFlow.js means by a name what Keras 2 did.
int KerasMajor(const std::string& version) {
  return absl::StartsWith(version, "2") || absl::StartsWith(version, "tfjs") ? 2 : 3;
}

// Reads the layer's arguments and takes the input shape that configs without a
// module, which are Keras 2's and TensorFlow.js', carry among them.
absl::Status ParseArguments(const json& file, int keras_major, LayerFile& parsed) {
  json config = Member(file, "config");
  if (config.is_object() && !Member(file, "module").is_string()) {
    CONVOY_ASSIGN_OR_RETURN(parsed.build_input_shape,
                            ParseShape("batch_input_shape", Member(config, "batch_input_shape")));
    config.erase("batch_input_shape");
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

}  // namespace

absl::StatusOr<LayerFile> ParseLayer(std::string_view json_text) {
  const json file = json::parse(json_text, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object()) {
    return absl::InvalidArgumentError(file.is_discarded()
                                          ? "The layer config is not JSON."
                                          : "The layer config is not a JSON object.");
  }
  CONVOY_ASSIGN_OR_RETURN(const KerasObject object, ReadKerasObject("layer", file));
  if (object.class_name != "Conv1D" && object.class_name != "Convolution1D") {
    return absl::InvalidArgumentError(
        absl::StrCat("class_name: expected \"Conv1D\", got '", object.class_name, "'."));
  }
  LayerFile parsed;
  CONVOY_ASSIGN_OR_RETURN(parsed.keras_version, ParseVersion(file));
  CONVOY_RETURN_IF_ERROR(ParseArguments(file, KerasMajor(parsed.keras_version), parsed));
  const json build = Member(file, "build_config");
  if (build.is_object() && !Member(build, "input_shape").is_null()) {
    CONVOY_ASSIGN_OR_RETURN(parsed.build_input_shape,
                            ParseShape("build_config.input_shape", Member(build, "input_shape")));
  }
  return parsed;
}

std::string LayerText(const layer::Conv1DConfig& config) {
  const nlohmann::ordered_json file = {{"class_name", "Conv1D"}, {"config", ToJson(config)}};
  return file.dump(-1, ' ', /*ensure_ascii=*/true);
}

}  // namespace convoy::keras
