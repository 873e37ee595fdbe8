#include "kernel/keras/conv1d_json.h"

#include <array>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/activation_json.h"
#include "kernel/keras/argument_checks.h"
#include "kernel/keras/constraint_json.h"
#include "kernel/keras/dtype_policy_json.h"
#include "kernel/keras/initializer_json.h"
#include "kernel/keras/keras_object.h"
#include "kernel/keras/python_repr.h"
#include "kernel/keras/regularizer_json.h"

namespace convoy::keras {
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
json Argument(const json& config, const char* key, const json& fallback) {
  const auto found = config.find(key);
  return found == config.end() ? fallback : *found;
}

// What Python itself refuses before the constructor runs.
absl::Status CheckSignature(const json& config) {
  if (config.contains("rank")) {
    return absl::InvalidArgumentError(
        "BaseConv.__init__() got multiple values for keyword argument 'rank'");
  }
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
  const char* const hint =
      unknown.contains("batch_input_shape")
          ? ". Keras 2 writes `batch_input_shape`: if this is its file, it needs "
            "\"keras_version\": \"2.15.0\", or whichever it was, beside \"config\"."
          : "";
  return absl::InvalidArgumentError(
      absl::StrCat("Unrecognized keyword arguments passed to Conv1D: ", PythonRepr(unknown), hint));
}

absl::Status ParseRegularizerArgument(const json& config, const char* key, int keras_major,
                                      std::optional<layer::Regularizer>& parsed) {
  const json value = Argument(config, key, nullptr);
  if (value.is_null()) return absl::OkStatus();
  CONVOY_ASSIGN_OR_RETURN(parsed, ParseRegularizer(value, keras_major));
  return absl::OkStatus();
}

absl::Status ParseInitializerArgument(const json& config, const char* key, const char* fallback,
                                      std::optional<layer::Initializer>& parsed) {
  const json value = Argument(config, key, fallback);
  if (value.is_null()) return absl::OkStatus();
  CONVOY_ASSIGN_OR_RETURN(parsed, ParseInitializer(value));
  return absl::OkStatus();
}

absl::Status ParseConstraintArgument(const json& config, const char* key, int keras_major,
                                     std::optional<layer::Constraint>& parsed) {
  const json value = Argument(config, key, nullptr);
  if (value.is_null()) return absl::OkStatus();
  CONVOY_ASSIGN_OR_RETURN(parsed, ParseConstraint(value, keras_major));
  return absl::OkStatus();
}

// The arguments of keras.layers.Layer, in its order.
absl::Status ParseLayerArguments(const json& config, int keras_major, layer::Conv1DConfig& parsed) {
  CONVOY_ASSIGN_OR_RETURN(parsed.name, CheckName(Argument(config, "name", nullptr)));
  CONVOY_ASSIGN_OR_RETURN(parsed.dtype_policy,
                          ParseDTypePolicy(Argument(config, "dtype", nullptr)));
  CONVOY_RETURN_IF_ERROR(ParseRegularizerArgument(config, "activity_regularizer", keras_major,
                                                  parsed.activity_regularizer));
  CONVOY_RETURN_IF_ERROR(CheckKnown(config));
  CONVOY_ASSIGN_OR_RETURN(parsed.trainable, CheckTrainable(Argument(config, "trainable", true)));
  return absl::OkStatus();
}

absl::Status ParseWindow(const json& config, layer::Window& window) {
  CONVOY_ASSIGN_OR_RETURN(window.kernel_size, CheckTuple("kernel_size", config["kernel_size"]));
  CONVOY_ASSIGN_OR_RETURN(window.strides, CheckTuple("strides", Argument(config, "strides", 1)));
  CONVOY_ASSIGN_OR_RETURN(window.dilation_rate,
                          CheckTuple("dilation_rate", Argument(config, "dilation_rate", 1)));
  CONVOY_ASSIGN_OR_RETURN(window.padding, CheckPadding(Argument(config, "padding", "valid")));
  return absl::OkStatus();
}

absl::Status ParseActivationArgument(const json& config, int keras_major,
                                     layer::Conv1DConfig& parsed) {
  CONVOY_ASSIGN_OR_RETURN(ActivationArgument argument,
                          ParseActivation(Argument(config, "activation", nullptr), keras_major));
  parsed.activation = argument.activation;
  if (!argument.layer_policy.has_value()) return absl::OkStatus();
  parsed.activation_layer =
      layer::ActivationLayer{.keras_json = argument.json.dump(),
                             .dtype_policy = *argument.layer_policy,
                             .slope_initializer = std::move(argument.slope_initializer),
                             .slope_regularizer = std::move(argument.slope_regularizer)};
  return absl::OkStatus();
}

// The lookups of initializers, regularizers and constraints, in Keras' order.
absl::Status ParseWeightArguments(const json& config, int keras_major,
                                  layer::Conv1DConfig& parsed) {
  CONVOY_RETURN_IF_ERROR(ParseInitializerArgument(config, "kernel_initializer", "glorot_uniform",
                                                  parsed.kernel_initializer));
  CONVOY_RETURN_IF_ERROR(
      ParseInitializerArgument(config, "bias_initializer", "zeros", parsed.bias_initializer));
  CONVOY_RETURN_IF_ERROR(ParseRegularizerArgument(config, "kernel_regularizer", keras_major,
                                                  parsed.kernel_regularizer));
  CONVOY_RETURN_IF_ERROR(
      ParseRegularizerArgument(config, "bias_regularizer", keras_major, parsed.bias_regularizer));
  CONVOY_RETURN_IF_ERROR(
      ParseConstraintArgument(config, "kernel_constraint", keras_major, parsed.kernel_constraint));
  return ParseConstraintArgument(config, "bias_constraint", keras_major, parsed.bias_constraint);
}

absl::Status CheckStridesAgainstDilation(const layer::Window& window) {
  if (window.strides == 1 || window.dilation_rate == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "`strides > 1` not supported in conjunction with `dilation_rate > 1`. ",
      "Received: strides=(", window.strides, ",) and dilation_rate=(", window.dilation_rate, ",)"));
}

// What Keras refuses only when it builds the layer, whatever the input.
absl::Status CheckBuildable(const json& config, const json& groups, layer::Conv1DConfig& parsed) {
  layer::Window& window = parsed.window;
  for (const char* argument : {"kernel_size", "strides", "dilation_rate"}) {
    CONVOY_RETURN_IF_ERROR(CheckIntegerSize(argument, Argument(config, argument, 1)).status());
  }
  CONVOY_ASSIGN_OR_RETURN(parsed.groups, CheckIntegerSize("groups", groups));
  if (window.padding.mode == layer::PaddingMode::kExplicit) {
    CONVOY_ASSIGN_OR_RETURN(window.padding, CheckExplicitPadding(config["padding"]));
  }
  CONVOY_ASSIGN_OR_RETURN(parsed.filters, CheckIntegerSize("filters", config["filters"]));
  if (window.Fits()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("The window does not fit in 64 bits: kernel_size=", window.kernel_size,
                   ", dilation_rate=", window.dilation_rate, "."));
}

absl::Status ParseLora(const json& config, layer::Conv1DConfig& parsed) {
  const json rank = Argument(config, "lora_rank", nullptr);
  if (!PythonTruth(rank)) return absl::OkStatus();
  if (parsed.kernel_constraint.has_value()) {
    return absl::InvalidArgumentError(
        "Lora is incompatible with kernel constraints. In order to enable lora on this layer, "
        "remove the `kernel_constraint` argument.");
  }
  CONVOY_ASSIGN_OR_RETURN(parsed.lora_rank, CheckIntegerSize("lora_rank", rank));
  const json alpha = Argument(config, "lora_alpha", nullptr);
  if (*parsed.lora_rank < 1 || !(alpha.is_null() || alpha.is_number())) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected a positive `lora_rank` and a number as `lora_alpha`. Received: ",
                     "lora_rank=", PythonStr(rank), ", lora_alpha=", PythonStr(alpha)));
  }
  if (!alpha.is_null()) parsed.lora_alpha = alpha.get<double>();
  return absl::OkStatus();
}

ordered_json PaddingJson(const layer::Padding& padding) {
  if (padding.mode == layer::PaddingMode::kExplicit) return {padding.left, padding.right};
  return std::string(layer::PaddingName(padding.mode));
}

template <typename Object>
ordered_json ObjectJson(const std::optional<Object>& object) {
  return object.has_value() ? FromKerasText(object->keras_json) : ordered_json();
}

// A number as Keras would have it: an integer without a fraction.
ordered_json AlphaJson(double alpha) {
  constexpr double kExact = 0x1p53;  // up to here every whole number is a double
  if (std::fabs(alpha) > kExact || std::trunc(alpha) != alpha) return alpha;
  return static_cast<int64_t>(alpha);
}

}  // namespace

absl::StatusOr<layer::Conv1DConfig> ParseConv1DConfig(const json& config, int keras_major) {
  if (!config.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("config: expected an object, got ", PythonRepr(config), "."));
  }
  CONVOY_RETURN_IF_ERROR(CheckSignature(config));
  json groups = Argument(config, "groups", 1);
  if (keras_major == 2 && !PythonTruth(groups)) groups = 1;
  layer::Conv1DConfig parsed;
  CONVOY_RETURN_IF_ERROR(ParseLayerArguments(config, keras_major, parsed));
  CONVOY_RETURN_IF_ERROR(ParseWindow(config, parsed.window));
  CONVOY_ASSIGN_OR_RETURN(parsed.data_format,
                          CheckDataFormat(Argument(config, "data_format", nullptr)));
  CONVOY_RETURN_IF_ERROR(ParseActivationArgument(config, keras_major, parsed));
  parsed.use_bias = PythonTruth(Argument(config, "use_bias", true));
  CONVOY_RETURN_IF_ERROR(ParseWeightArguments(config, keras_major, parsed));
  CONVOY_RETURN_IF_ERROR(CheckFiltersAndGroups(config["filters"], groups));
  CONVOY_RETURN_IF_ERROR(CheckStridesAgainstDilation(parsed.window));
  CONVOY_RETURN_IF_ERROR(CheckBuildable(config, groups, parsed));
  CONVOY_RETURN_IF_ERROR(ParseLora(config, parsed));
  return parsed;
}

ordered_json ToJson(const layer::Conv1DConfig& config) {
  const layer::Window& window = config.window;
  const bool channels_last = config.data_format == layer::DataFormat::kChannelsLast;
  ordered_json out;
  out["name"] = config.name;
  out["trainable"] = config.trainable;
  out["dtype"] = ToJson(config.dtype_policy);
  out["filters"] = config.filters;
  out["kernel_size"] = ordered_json::array({window.kernel_size});
  out["strides"] = ordered_json::array({window.strides});
  out["padding"] = PaddingJson(window.padding);
  out["data_format"] = channels_last ? "channels_last" : "channels_first";
  out["dilation_rate"] = ordered_json::array({window.dilation_rate});
  out["groups"] = config.groups;
  out["activation"] = config.activation_layer.has_value()
                          ? FromKerasText(config.activation_layer->keras_json)
                          : ordered_json(layer::ActivationName(config.activation));
  out["use_bias"] = config.use_bias;
  out["kernel_initializer"] = ObjectJson(config.kernel_initializer);
  out["bias_initializer"] = ObjectJson(config.bias_initializer);
  out["kernel_regularizer"] = ObjectJson(config.kernel_regularizer);
  out["bias_regularizer"] = ObjectJson(config.bias_regularizer);
  out["activity_regularizer"] = ObjectJson(config.activity_regularizer);
  out["kernel_constraint"] = ObjectJson(config.kernel_constraint);
  out["bias_constraint"] = ObjectJson(config.bias_constraint);
  if (config.lora_rank.has_value()) {
    out["lora_rank"] = *config.lora_rank;
    out["lora_alpha"] =
        AlphaJson(config.lora_alpha.value_or(static_cast<double>(*config.lora_rank)));
  }
  return out;
}

}  // namespace convoy::keras
