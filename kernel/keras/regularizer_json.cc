#include "kernel/keras/regularizer_json.h"

#include <cmath>
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

// A finite, non-negative factor.
double TakeFactor(KerasArguments& arguments, const char* name, double fallback) {
  const json value = arguments.Take(name, fallback);
  const bool number = value.is_number() || value.is_boolean();
  const double factor = !number              ? -1.0
                        : value.is_boolean() ? (value.get<bool>() ? 1.0 : 0.0)
                                             : value.get<double>();
  if (!std::isfinite(factor) || factor < 0.0) {
    arguments.Fail(absl::InvalidArgumentError(
        absl::StrCat("Invalid value for argument ", name, ": expected a non-negative float.",
                     "Received: ", name, "=", PythonStr(value))));
  }
  arguments.Record(name, factor);
  return factor;
}

// Keras keeps these factors as float32 tensors, and writes them so.
double ThroughFloat(KerasArguments& arguments, const char* name, double factor) {
  const double rounded = static_cast<float>(factor);
  arguments.Record(name, rounded);
  return rounded;
}

// The class of `name`, or empty.
std::string ClassOf(const std::string& name, int keras_major) {
  if (name == "L1" || name == "l1") return "L1";
  if (name == "L2" || name == "l2") return "L2";
  if (name == "L1L2" || name == "l1l2") return "L1L2";
  if (name == "l1_l2" && keras_major == 2) return "L1L2";
  if (name == "OrthogonalRegularizer" || name == "orthogonal_regularizer") {
    return "OrthogonalRegularizer";
  }
  if (name == "Regularizer" || name == "regularizer") return "Regularizer";
  return "";
}

absl::StatusOr<layer::Regularizer> FromObject(const KerasObject& object, double l1l2_default) {
  const std::string& name = object.class_name;
  layer::Regularizer regularizer;
  KerasArguments arguments(object);
  if (name == "L1") {
    regularizer.l1 = ThroughFloat(arguments, "l1", TakeFactor(arguments, "l1", 0.01));
  } else if (name == "L2") {
    regularizer.l2 = TakeFactor(arguments, "l2", 0.01);
  } else if (name == "L1L2") {
    regularizer.l1 = TakeFactor(arguments, "l1", l1l2_default);
    regularizer.l2 = TakeFactor(arguments, "l2", l1l2_default);
  } else if (name == "OrthogonalRegularizer") {
    regularizer.kind = layer::RegularizerKind::kOrthogonal;
    ThroughFloat(arguments, "factor", TakeFactor(arguments, "factor", 0.01));
    const json mode = arguments.Take("mode", "rows");
    if (mode != "rows" && mode != "columns") {
      arguments.Fail(absl::InvalidArgumentError(absl::StrCat(
          "Invalid value for argument `mode`. Expected one of {\"rows\", \"columns\"}. Received: ",
          "mode=", PythonStr(mode))));
    }
  } else {
    regularizer.kind = layer::RegularizerKind::kAbstract;
  }
  CONVOY_RETURN_IF_ERROR(arguments.Finish());
  regularizer.keras_json = WriteKerasObject("keras.regularizers", name, arguments.Taken()).dump();
  return regularizer;
}

}  // namespace

absl::StatusOr<layer::Regularizer> ParseRegularizer(const json& value, int keras_major) {
  KerasObject object;
  if (value.is_object()) {
    CONVOY_ASSIGN_OR_RETURN(object, ReadKerasObject("regularizer", value));
  } else if (value.is_string()) {
    object.class_name = value.get<std::string>();
  }
  object.class_name = ClassOf(object.class_name, keras_major);
  if (object.class_name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Could not interpret regularizer identifier: ", PythonStr(value)));
  }
  return FromObject(object, value.is_string() && keras_major == 2 ? 0.01 : 0.0);
}

}  // namespace convoy::keras
