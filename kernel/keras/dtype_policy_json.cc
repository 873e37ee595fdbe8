#include "kernel/keras/dtype_policy_json.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/keras_arguments.h"
#include "kernel/keras/keras_object.h"
#include "kernel/keras/python_repr.h"

namespace convoy::keras {

using nlohmann::json;

absl::StatusOr<layer::DTypePolicy> ParseDTypePolicy(const json& value) {
  if (value.is_null()) return layer::DTypePolicy{};
  if (value.is_string()) return layer::DTypePolicyFromName(value.get<std::string>());
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

nlohmann::ordered_json ToJson(const layer::DTypePolicy& policy) {
  return WriteKerasObject("keras", "DTypePolicy", {{"name", policy.name()}});
}

}  // namespace convoy::keras
