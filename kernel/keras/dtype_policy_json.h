// keras.DTypePolicy in the forms in which Keras reads and writes it.
#ifndef CONVOY_KERNEL_KERAS_DTYPE_POLICY_JSON_H_
#define CONVOY_KERNEL_KERAS_DTYPE_POLICY_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "kernel/layer/dtype_policy.h"

namespace convoy::keras {

// The `dtype` argument: null, a name, or a policy object of Keras 2 or 3.
//   INVALID_ARGUMENT  no policy has that name.
//   UNIMPLEMENTED     a quantized, per-layer or integer policy.
absl::StatusOr<layer::DTypePolicy> ParseDTypePolicy(const nlohmann::json& value);

// As get_config writes it.
nlohmann::ordered_json ToJson(const layer::DTypePolicy& policy);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_DTYPE_POLICY_JSON_H_
