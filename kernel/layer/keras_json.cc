#include "kernel/layer/keras_json.h"

#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/argument_checks.h"
#include "kernel/layer/python_repr.h"

namespace convoy::layer {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// Every argument of Conv1D and of its base layers.
constexpr std::array<std::string_view, 24> kArguments = {
    "name",
    "trainable",
    "dtype",
    "autocast",
    "filters",
    "kernel_size",
    "strides",
    "padding",
    "data_format",
    "dilation_rate",
    "groups",
    "activation",
    "use_bias",
    "kernel_initializer",
    "bias_initializer",
    "kernel_regularizer",
    "bias_regularizer",
    "activity_regularizer",
    "kernel_constraint",
    "bias_constraint",
    "lora_rank",
    "lora_alpha",
    "input_shape",
    "input_dim",
};

// The value of `key`, or `fallback` when the config lacks it.
json Argument(const json& config, const char* key, json fallback) {
  const auto found = config.find(key);
  return found == config.end() ? std::move(fallback) : *found;
}

absl::Status CheckRequired(const json& config) {
  const bool filters = config.contains("filters");
  const bool kernel_size = config.contains("kernel_size");
  if (filters && kernel_size) return absl::OkStatus();
  if (filters || kernel_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("Conv1D.__init__() missing 1 required positional argument: '",
                     filters ? "kernel_size" : "filters", "'"));
  }
  return absl::InvalidArgumentError(
      "Conv1D.__init__() missing 2 required positional arguments: 'filters' and 'kernel_size'");
}

absl::Status CheckKnown(const json& config) {
  json unknown = json::object();
  for (const auto& [key, value] : config.items()) {
    bool known = false;
    for (const std::string_view argument : kArguments) known |= key == argument;
    if (!known) unknown[key] = value;
  }
  if (unknown.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("Unrecognized keyword arguments passed to Conv1D: ", PythonRepr(unknown)));
}

absl::Status CheckDType(const json& dtype) {
  if (dtype.is_null() || dtype == "float32") return absl::OkStatus();
  if (dtype.is_object())
    return CheckDType(Argument(Argument(dtype, "config", json::object()), "name", nullptr));
  return absl::UnimplementedError(
      absl::StrCat("dtype: expected float32, got ", PythonStr(dtype), "."));
}

absl::StatusOr<Activation> ParseActivation(const json& value) {
  if (value.is_null()) return Activation{};
  if (value.is_string()) return ActivationFromName(value.get<std::string>());
  return absl::InvalidArgumentError(
      absl::StrCat("Could not interpret activation function identifier: ", PythonStr(value)));
}

absl::StatusOr<Window> ParseWindow(const json& config) {
  Window window;
  CONVOY_ASSIGN_OR_RETURN(window.kernel_size, CheckTuple("kernel_size", config["kernel_size"]));
  CONVOY_ASSIGN_OR_RETURN(window.strides, CheckTuple("strides", Argument(config, "strides", 1)));
  CONVOY_ASSIGN_OR_RETURN(window.dilation_rate,
                          CheckTuple("dilation_rate", Argument(config, "dilation_rate", 1)));
  CONVOY_ASSIGN_OR_RETURN(window.padding, CheckPadding(Argument(config, "padding", "valid")));
  return window;
}

absl::Status CheckStridesAgainstDilation(const Window& window) {
  if (window.strides == 1 || window.dilation_rate == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "`strides > 1` not supported in conjunction with `dilation_rate > 1`. ",
      "Received: strides=(", window.strides, ",) and dilation_rate=(", window.dilation_rate, ",)"));
}

// What Keras refuses when it builds the layer, whatever the input.
absl::Status CheckBuildable(const json& config, Conv1DConfig& parsed) {
  Window& window = parsed.window;
  for (const char* argument : {"kernel_size", "strides", "dilation_rate"}) {
    CONVOY_RETURN_IF_ERROR(CheckIntegerSize(argument, Argument(config, argument, 1)).status());
  }
  CONVOY_ASSIGN_OR_RETURN(parsed.groups, CheckIntegerSize("groups", Argument(config, "groups", 1)));
  CONVOY_ASSIGN_OR_RETURN(parsed.filters, CheckIntegerSize("filters", config["filters"]));
  if (window.padding.mode == PaddingMode::kExplicit) {
    CONVOY_ASSIGN_OR_RETURN(window.padding, CheckExplicitPadding(config["padding"]));
  }
  if (!window.Fits()) {
    return absl::InvalidArgumentError(
        absl::StrCat("The window does not fit in 64 bits: kernel_size=", window.kernel_size,
                     ", dilation_rate=", window.dilation_rate, "."));
  }
  return absl::OkStatus();
}

ordered_json PaddingJson(const Padding& padding) {
  switch (padding.mode) {
    case PaddingMode::kSame:
      return "same";
    case PaddingMode::kCausal:
      return "causal";
    case PaddingMode::kExplicit:
      return {padding.left, padding.right};
    case PaddingMode::kValid:
      break;
  }
  return "valid";
}

// build_config.input_shape; null dimensions become -1.
absl::StatusOr<std::vector<int64_t>> ParseBuildShape(const json& file) {
  const json build = Argument(file, "build_config", nullptr);
  if (!build.is_object()) return std::vector<int64_t>();
  const json shape = Argument(build, "input_shape", nullptr);
  if (shape.is_null()) return std::vector<int64_t>();
  std::vector<int64_t> dimensions;
  bool valid = shape.is_array();
  for (const json& dimension : shape) {
    valid = valid && (dimension.is_null() || dimension.is_number_unsigned());
    if (valid) dimensions.push_back(dimension.is_null() ? -1 : dimension.get<int64_t>());
  }
  if (valid && dimensions.size() == 3) return dimensions;
  return absl::InvalidArgumentError(
      absl::StrCat("build_config.input_shape: expected three dimensions, each a number or null, ",
                   "got ", PythonRepr(shape), "."));
}

absl::Status CheckClassName(const json& file) {
  const json class_name = Argument(file, "class_name", nullptr);
  if (class_name == "Conv1D" || class_name == "Convolution1D") return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("class_name: expected \"Conv1D\", got ", PythonRepr(class_name), "."));
}

}  // namespace

absl::StatusOr<KerasLayerFile> ParseKerasLayer(std::string_view json_text) {
  const json file = json::parse(json_text, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object()) {
    return absl::InvalidArgumentError(file.is_discarded()
                                          ? "The layer config is not JSON."
                                          : "The layer config is not a JSON object.");
  }
  CONVOY_RETURN_IF_ERROR(CheckClassName(file));
  KerasLayerFile parsed;
  const json version = Argument(file, "keras_version", "");
  if (!version.is_string()) {
    return absl::InvalidArgumentError(
        absl::StrCat("keras_version: expected a string, got ", PythonRepr(version), "."));
  }
  parsed.keras_version = version.get<std::string>();
  CONVOY_ASSIGN_OR_RETURN(parsed.config, ParseConv1DConfig(Argument(file, "config", nullptr)));
  CONVOY_ASSIGN_OR_RETURN(parsed.build_input_shape, ParseBuildShape(file));
  return parsed;
}

absl::StatusOr<Conv1DConfig> ParseConv1DConfig(const json& config) {
  if (!config.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("config: expected an object, got ", PythonRepr(config), "."));
  }
  CONVOY_RETURN_IF_ERROR(CheckRequired(config));
  Conv1DConfig parsed;
  CONVOY_ASSIGN_OR_RETURN(parsed.name, CheckName(Argument(config, "name", nullptr)));
  CONVOY_RETURN_IF_ERROR(CheckDType(Argument(config, "dtype", nullptr)));
  CONVOY_RETURN_IF_ERROR(CheckKnown(config));
  CONVOY_ASSIGN_OR_RETURN(parsed.trainable, CheckTrainable(Argument(config, "trainable", true)));
  CONVOY_ASSIGN_OR_RETURN(parsed.window, ParseWindow(config));
  CONVOY_ASSIGN_OR_RETURN(parsed.data_format,
                          CheckDataFormat(Argument(config, "data_format", nullptr)));
  CONVOY_ASSIGN_OR_RETURN(parsed.activation,
                          ParseActivation(Argument(config, "activation", nullptr)));
  parsed.use_bias = PythonTruth(Argument(config, "use_bias", true));
  CONVOY_RETURN_IF_ERROR(CheckFiltersAndGroups(config["filters"], Argument(config, "groups", 1)));
  CONVOY_RETURN_IF_ERROR(CheckStridesAgainstDilation(parsed.window));
  CONVOY_RETURN_IF_ERROR(CheckBuildable(config, parsed));
  return parsed;
}

ordered_json ToKerasConfig(const Conv1DConfig& config) {
  const Window& window = config.window;
  const bool channels_last = config.data_format == DataFormat::kChannelsLast;
  ordered_json out;
  out["name"] = config.name;
  out["trainable"] = config.trainable;
  out["dtype"] = "float32";
  out["filters"] = config.filters;
  out["kernel_size"] = ordered_json::array({window.kernel_size});
  out["strides"] = ordered_json::array({window.strides});
  out["padding"] = PaddingJson(window.padding);
  out["data_format"] = channels_last ? "channels_last" : "channels_first";
  out["dilation_rate"] = ordered_json::array({window.dilation_rate});
  out["groups"] = config.groups;
  out["activation"] = std::string(ActivationName(config.activation));
  out["use_bias"] = config.use_bias;
  return out;
}

}  // namespace convoy::layer
