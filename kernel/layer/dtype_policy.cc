#include "kernel/layer/dtype_policy.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/keras_object.h"
#include "kernel/layer/python_repr.h"

namespace convoy::layer {
namespace {

using nlohmann::json;

bool IsFloat(DType dtype) { return dtype >= DType::kFloat16; }

absl::StatusOr<DTypePolicy> PolicyFromName(const std::string& name) {
  if (name == "mixed_float16") return DTypePolicy{DType::kFloat32, DType::kFloat16};
  if (name == "mixed_bfloat16") return DTypePolicy{DType::kFloat32, DType::kBfloat16};
  const std::optional<DType> dtype = FromKerasName(name);
  if (dtype.has_value() && IsFloat(*dtype)) return DTypePolicy{*dtype, *dtype};
  for (const char* unsupported : {"int", "uint", "bool", "float8", "complex", "gptq", "awq"}) {
    if (absl::StartsWith(name, unsupported)) {
      return absl::UnimplementedError(
          absl::StrCat("dtype: expected float16, bfloat16, float32, float64, mixed_float16 or ",
                       "mixed_bfloat16, got ", name, "."));
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "Cannot convert '", name, "' to a mixed precision DTypePolicy. Valid policies include ",
      "'mixed_float16', 'mixed_bfloat16', and the name of any float dtype such as 'float32'."));
}

}  // namespace

std::string_view DTypePolicy::name() const {
  if (variable_dtype == compute_dtype) return KerasName(compute_dtype);
  return compute_dtype == DType::kBfloat16 ? "mixed_bfloat16" : "mixed_float16";
}

absl::StatusOr<DTypePolicy> ParseDTypePolicy(const json& value) {
  if (value.is_null()) return DTypePolicy{};
  if (value.is_string()) return PolicyFromName(value.get<std::string>());
  if (!value.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Cannot interpret `dtype` argument. Expected a string or an instance of ",
                     "DTypePolicy. Received: dtype=", PythonRepr(value)));
  }
  CONVOY_ASSIGN_OR_RETURN(const KerasObject object, ReadKerasObject("dtype", value));
  // `Policy` is Keras 2's name.
  if (object.class_name != "DTypePolicy" && object.class_name != "FloatDTypePolicy" &&
      object.class_name != "Policy") {
    return absl::UnimplementedError(absl::StrCat("dtype: expected the policy class DTypePolicy, ",
                                                 "got ", object.class_name, "."));
  }
  KerasArguments arguments(object);
  const json name = arguments.Take("name", nullptr);
  arguments.Ignore("shared_object_id");
  CONVOY_RETURN_IF_ERROR(arguments.Finish());
  if (!name.is_object()) return ParseDTypePolicy(name);
  return absl::InvalidArgumentError(absl::StrCat(
      "'name' must be a string, such as 'mixed_float16'. Received: name=", PythonRepr(name)));
}

nlohmann::ordered_json ToKerasJson(const DTypePolicy& policy) {
  return WriteKerasObject("keras", "DTypePolicy", {{"name", policy.name()}});
}

}  // namespace convoy::layer
