#include "kernel/layer/dtype_policy.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace convoy::layer {
namespace {

bool IsFloat(DType dtype) { return dtype >= DType::kFloat16; }

}  // namespace

absl::StatusOr<DTypePolicy> DTypePolicyFromName(std::string_view policy_name) {
  const std::string name(policy_name);
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

std::string_view DTypePolicy::name() const {
  if (variable_dtype == compute_dtype) return KerasName(compute_dtype);
  return compute_dtype == DType::kBfloat16 ? "mixed_bfloat16" : "mixed_float16";
}

}  // namespace convoy::layer
