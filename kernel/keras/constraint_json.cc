#include "kernel/keras/constraint_json.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/keras_arguments.h"
#include "kernel/keras/keras_object.h"
#include "kernel/keras/python_repr.h"

namespace convoy::keras {
namespace {

using nlohmann::json;

// The class of `name`, or empty. Keras 3 dropped the names without underscore.
std::string ClassOf(const std::string& name, int keras_major) {
  if (name == "MaxNorm" || name == "max_norm") return "MaxNorm";
  if (name == "NonNeg" || name == "non_neg") return "NonNeg";
  if (name == "UnitNorm" || name == "unit_norm") return "UnitNorm";
  if (keras_major == 2 && name == "maxnorm") return "MaxNorm";
  if (keras_major == 2 && name == "nonneg") return "NonNeg";
  if (keras_major == 2 && name == "unitnorm") return "UnitNorm";
  if (name == "MinMaxNorm" || name == "min_max_norm") return "MinMaxNorm";
  if (name == "Constraint" || name == "constraint") return "Constraint";
  return "";
}

// An integer or a list; written back as it came.
void TakeAxis(KerasArguments& arguments, const KerasObject& object, layer::Constraint& constraint) {
  constraint.axes = arguments.TakeIntegers("axis", {0});
  const auto given = object.config.find("axis");
  arguments.Record("axis", given == object.config.end() ? json(0) : *given);
}

void TakeArguments(const KerasObject& object, KerasArguments& arguments,
                   layer::Constraint& constraint) {
  if (object.class_name == "MaxNorm") {
    constraint.kind = layer::ConstraintKind::kMaxNorm;
    constraint.max_value = arguments.TakeNumber("max_value", 2);
    if (!object.config.contains("max_value")) arguments.Record("max_value", 2);
    TakeAxis(arguments, object, constraint);
  } else if (object.class_name == "NonNeg") {
    constraint.kind = layer::ConstraintKind::kNonNeg;
  } else if (object.class_name == "UnitNorm") {
    constraint.kind = layer::ConstraintKind::kUnitNorm;
    TakeAxis(arguments, object, constraint);
  } else if (object.class_name == "MinMaxNorm") {
    constraint.kind = layer::ConstraintKind::kMinMaxNorm;
    constraint.min_value = arguments.TakeNumber("min_value", 0.0);
    constraint.max_value = arguments.TakeNumber("max_value", 1.0);
    constraint.rate = arguments.TakeNumber("rate", 1.0);
    TakeAxis(arguments, object, constraint);
  }
}

}  // namespace

absl::StatusOr<layer::Constraint> ParseConstraint(const json& value, int keras_major) {
  KerasObject object;
  if (value.is_object()) {
    CONVOY_ASSIGN_OR_RETURN(object, ReadKerasObject("constraint", value));
  } else if (value.is_string()) {
    object.class_name = value.get<std::string>();
  }
  object.class_name = ClassOf(object.class_name, keras_major);
  if (object.class_name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Could not interpret constraint identifier: ", PythonStr(value)));
  }
  layer::Constraint constraint;
  KerasArguments arguments(object);
  TakeArguments(object, arguments, constraint);
  CONVOY_RETURN_IF_ERROR(arguments.Finish());
  constraint.keras_json =
      WriteKerasObject("keras.constraints", object.class_name, arguments.Taken()).dump();
  return constraint;
}

}  // namespace convoy::keras
