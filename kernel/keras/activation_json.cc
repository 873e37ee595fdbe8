#include "kernel/keras/activation_json.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/constraint_json.h"
#include "kernel/keras/dtype_policy_json.h"
#include "kernel/keras/initializer_json.h"
#include "kernel/keras/keras_arguments.h"
#include "kernel/keras/keras_object.h"
#include "kernel/keras/python_repr.h"
#include "kernel/keras/regularizer_json.h"
#include "kernel/layer/constraint.h"

namespace convoy::keras {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

absl::Status Invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

// A non-negative number; otherwise Keras' `complaint` with the value behind it.
double TakeNonNegative(KerasArguments& arguments, const char* name, double fallback,
                       const char* complaint) {
  const json value = arguments.Take(name, fallback);
  if (value.is_number() && value.get<double>() >= 0.0) return value.get<double>();
  arguments.Fail(Invalid(absl::StrCat(complaint, " Received: ", name, "=", PythonStr(value))));
  return fallback;
}

void TakeRelu(KerasArguments& arguments, layer::Activation& activation) {
  const json cap = arguments.Take("max_value", nullptr);
  if (!cap.is_null() && (!cap.is_number() || cap.get<double>() < 0.0)) {
    arguments.Fail(Invalid(absl::StrCat("max_value of a ReLU layer cannot be a negative value. ",
                                        "Received: max_value=", PythonStr(cap))));
  } else if (!cap.is_null()) {
    activation.max_value = cap.get<double>();
  }
  activation.negative_slope =
      TakeNonNegative(arguments, "negative_slope", 0.0,
                      "negative_slope of a ReLU layer cannot be None or a negative value.");
  activation.threshold = TakeNonNegative(
      arguments, "threshold", 0.0, "threshold of a ReLU layer cannot be None or a negative value.");
  const bool capped = !cap.is_null(), sloped = activation.negative_slope != 0.0;
  const bool shifted = activation.threshold != 0.0;
  activation.kind = capped || shifted ? layer::ActivationKind::kGeneralRelu
                    : sloped          ? layer::ActivationKind::kLeakyRelu
                                      : layer::ActivationKind::kRelu;
}

void TakeLeakyRelu(KerasArguments& arguments, const KerasObject& object,
                   layer::Activation& activation) {
  activation.kind = layer::ActivationKind::kLeakyRelu;
  // Keras 2 called it alpha, and Keras 3 lets that name win.
  json slope = arguments.Take("negative_slope", 0.3);
  if (object.config.contains("alpha")) {
    slope = object.config["alpha"];
    arguments.Ignore("alpha");
    arguments.Record("negative_slope", slope);
  }
  if (slope.is_number() && slope.get<double>() >= 0.0) {
    activation.negative_slope = slope.get<double>();
    return;
  }
  arguments.Fail(Invalid(absl::StrCat(
      "The negative_slope value of a Leaky ReLU layer cannot be None or negative value. ",
      "Expected a float. Received: negative_slope=", PythonStr(slope))));
}

// The axes of a rank-3 tensor that `axes` names.
layer::AxisSet ToAxisSet(KerasArguments& arguments, const std::vector<int64_t>& axes) {
  layer::AxisSet set = 0;
  for (const int64_t axis : axes) {
    const int64_t index = axis < 0 ? axis + 3 : axis;
    if (index < 0 || index > 2) {
      arguments.Fail(
          Invalid(absl::StrCat("axis ", axis, " is out of bounds for array of dimension 3")));
    } else {
      set |= static_cast<layer::AxisSet>(1 << index);
    }
  }
  return set;
}

void TakeSoftmax(KerasArguments& arguments, const KerasObject& object,
                 layer::Activation& activation) {
  activation.kind = layer::ActivationKind::kSoftmax;
  activation.axes = ToAxisSet(arguments, arguments.TakeIntegers("axis", {-1}));
  const auto given = object.config.find("axis");
  arguments.Record("axis", given == object.config.end() ? json(-1) : *given);
  if (activation.axes == 0) {
    arguments.Fail(Invalid("Softmax: expected at least one axis, got none."));
  }
}

absl::Status TakePRelu(KerasArguments& arguments, int keras_major, ActivationArgument& parsed) {
  parsed.activation.kind = layer::ActivationKind::kPRelu;
  CONVOY_ASSIGN_OR_RETURN(parsed.slope_initializer,
                          ParseInitializer(arguments.Take("alpha_initializer", "Zeros")));
  arguments.Record("alpha_initializer", FromKerasText(parsed.slope_initializer->keras_json));
  if (const json value = arguments.Take("alpha_regularizer", nullptr); !value.is_null()) {
    CONVOY_ASSIGN_OR_RETURN(parsed.slope_regularizer, ParseRegularizer(value, keras_major));
    arguments.Record("alpha_regularizer", FromKerasText(parsed.slope_regularizer->keras_json));
  }
  if (const json value = arguments.Take("alpha_constraint", nullptr); !value.is_null()) {
    CONVOY_ASSIGN_OR_RETURN(const layer::Constraint constraint,
                            ParseConstraint(value, keras_major));
    arguments.Record("alpha_constraint", FromKerasText(constraint.keras_json));
  }
  const std::vector<int64_t> shared = arguments.TakeIntegers("shared_axes", {});
  for (const int64_t axis : shared) {
    if (axis >= 1 && axis <= 2) continue;
    // Keras takes 0 and -1 for axes other than these.
    return Invalid(absl::StrCat("PReLU: expected 1 and 2 as `shared_axes`, got ", axis, "."));
  }
  parsed.activation.axes = ToAxisSet(arguments, shared);
  arguments.Record("shared_axes", shared.empty() ? ordered_json() : ordered_json(shared));
  return absl::OkStatus();
}

// name, trainable and dtype, which every layer has.
absl::Status TakeLayerArguments(KerasArguments& arguments, const std::string& class_name,
                                const char* default_name, ActivationArgument& parsed) {
  if (arguments.Take("name", default_name).is_null()) arguments.Record("name", default_name);
  // ELU has no get_config of its own and writes its argument here.
  if (class_name == "ELU") parsed.activation.alpha = arguments.TakeNumber("alpha", 1.0);
  arguments.Take("trainable", true);
  CONVOY_ASSIGN_OR_RETURN(parsed.layer_policy, ParseDTypePolicy(arguments.Take("dtype", nullptr)));
  arguments.Record("dtype", ToJson(*parsed.layer_policy));
  arguments.Ignore("shared_object_id");
  return absl::OkStatus();
}

absl::Status TakeActivationLayer(KerasArguments& arguments, int keras_major,
                                 ActivationArgument& parsed) {
  const json inner = arguments.Take("activation", "missing");
  if (inner == "missing") {
    return Invalid("Activation.__init__() missing 1 required positional argument: 'activation'");
  }
  CONVOY_ASSIGN_OR_RETURN(ActivationArgument nested, ParseActivation(inner, keras_major));
  if (nested.layer_policy.has_value() &&
      nested.layer_policy->compute_dtype != parsed.layer_policy->compute_dtype) {
    return absl::UnimplementedError(
        absl::StrCat("activation: expected one dtype in an Activation and the layer inside, got ",
                     std::string(parsed.layer_policy->name()), " and ",
                     std::string(nested.layer_policy->name()), "."));
  }
  arguments.Record("activation", nested.json);
  parsed.activation = nested.activation;
  parsed.slope_initializer = std::move(nested.slope_initializer);
  parsed.slope_regularizer = std::move(nested.slope_regularizer);
  return absl::OkStatus();
}

struct LayerName {
  const char* class_name;
  const char* default_name;
};
constexpr LayerName kLayers[] = {{"ReLU", "re_lu"},      {"LeakyReLU", "leaky_re_lu"},
                                 {"ELU", "elu"},         {"PReLU", "p_re_lu"},
                                 {"Softmax", "softmax"}, {"Activation", "activation"}};

absl::StatusOr<ActivationArgument> FromLayer(const KerasObject& object, const char* default_name,
                                             int keras_major) {
  ActivationArgument parsed;
  KerasArguments arguments(object);
  CONVOY_RETURN_IF_ERROR(TakeLayerArguments(arguments, object.class_name, default_name, parsed));
  const std::string& name = object.class_name;
  if (name == "ReLU") {
    TakeRelu(arguments, parsed.activation);
  } else if (name == "LeakyReLU") {
    TakeLeakyRelu(arguments, object, parsed.activation);
  } else if (name == "ELU") {
    parsed.activation.kind = layer::ActivationKind::kElu;
  } else if (name == "Softmax") {
    TakeSoftmax(arguments, object, parsed.activation);
  } else if (name == "PReLU") {
    CONVOY_RETURN_IF_ERROR(TakePRelu(arguments, keras_major, parsed));
  } else {
    CONVOY_RETURN_IF_ERROR(TakeActivationLayer(arguments, keras_major, parsed));
  }
  CONVOY_RETURN_IF_ERROR(arguments.Finish());
  parsed.json = WriteKerasObject("keras.layers", name, arguments.Taken());
  return parsed;
}

absl::StatusOr<ActivationArgument> FromName(const std::string& name, int keras_major) {
  ActivationArgument parsed;
  CONVOY_ASSIGN_OR_RETURN(parsed.activation, layer::ActivationFromName(name, keras_major));
  parsed.json = std::string(layer::ActivationName(parsed.activation));
  return parsed;
}

}  // namespace

absl::StatusOr<ActivationArgument> ParseActivation(const json& value, int keras_major) {
  if (value.is_null()) return ActivationArgument{};
  if (value.is_string()) return FromName(value.get<std::string>(), keras_major);
  const absl::Status unknown = Invalid(
      absl::StrCat("Could not interpret activation function identifier: ", PythonStr(value)));
  const bool lambda = value.is_object() && value.contains("value");
  if (!value.is_object() || !(lambda || value.contains("class_name"))) return unknown;
  CONVOY_ASSIGN_OR_RETURN(const KerasObject object, ReadKerasObject("activation", value));
  if (object.is_function) {
    CONVOY_ASSIGN_OR_RETURN(ActivationArgument function, FromName(object.class_name, keras_major));
    // An alias is a name of Keras 3 but no function of it.
    if (keras_major == 2 || function.json == object.class_name) return function;
    return Invalid(absl::StrCat("Could not locate function '", object.class_name, "'."));
  }
  for (const LayerName& layer : kLayers) {
    if (object.class_name == layer.class_name) {
      return FromLayer(object, layer.default_name, keras_major);
    }
  }
  return absl::UnimplementedError(
      absl::StrCat("activation: expected a function or one of ReLU, LeakyReLU, ELU, PReLU, ",
                   "Softmax and Activation, got the layer ", object.class_name, "."));
}

}  // namespace convoy::keras
