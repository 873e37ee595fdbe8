// The activations that look at one element at a time.
#ifndef CONVOY_KERNEL_LAYER_ELEMENTWISE_ACTIVATION_H_
#define CONVOY_KERNEL_LAYER_ELEMENTWISE_ACTIVATION_H_

#include "absl/types/span.h"
#include "kernel/layer/activation.h"

namespace convoy::layer {

// In place over `values`, within a few units in the last place of the exact
// function; NaN, infinities and the sign of zero come out as on Keras' JAX
// backend. Thread-safe.
// REQUIRES: IsElementwise(activation).
void ApplyElementwise(const Activation& activation, absl::Span<float> values);
void ApplyElementwise(const Activation& activation, absl::Span<double> values);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_ELEMENTWISE_ACTIVATION_H_
