// Keras' dtype policies: which dtypes a layer stores, computes and answers in.
#ifndef CONVOY_KERNEL_LAYER_DTYPE_POLICY_H_
#define CONVOY_KERNEL_LAYER_DTYPE_POLICY_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "kernel/layer/dtype.h"

namespace convoy::layer {

// `mixed_bfloat16` and `mixed_float16` keep float32 variables and compute in
// the named dtype; the other policies are one dtype throughout. A layer answers
// in its compute dtype.
struct DTypePolicy {
  DType variable_dtype = DType::kFloat32;
  DType compute_dtype = DType::kFloat32;

  // "float32", "mixed_bfloat16", ...
  std::string_view name() const;

  friend bool operator==(const DTypePolicy&, const DTypePolicy&) = default;
};

// By Keras' name: "float32", "mixed_bfloat16".
//   INVALID_ARGUMENT  no policy has that name.
//   UNIMPLEMENTED     a quantized or integer policy.
absl::StatusOr<DTypePolicy> DTypePolicyFromName(std::string_view name);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_DTYPE_POLICY_H_
