// The activation of a layer: one of Keras' functions with its parameters.
#ifndef CONVOY_KERNEL_LAYER_ACTIVATION_H_
#define CONVOY_KERNEL_LAYER_ACTIVATION_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace convoy::layer {

enum class ActivationKind : uint8_t { kLinear, kRelu };

struct Activation {
  ActivationKind kind = ActivationKind::kLinear;
};

// By Keras' name, case-sensitive: "relu", "linear".
//   INVALID_ARGUMENT  Keras has no such activation; the message is Keras'.
absl::StatusOr<Activation> ActivationFromName(std::string_view name);

// The canonical name, as get_config writes it.
std::string_view ActivationName(const Activation& activation);

// In place over `values`. NaN stays NaN. Thread-safe.
void ApplyActivation(const Activation& activation, absl::Span<float> values);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_ACTIVATION_H_
