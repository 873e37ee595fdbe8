// A plain reference convolution in double precision: slow, obvious, trusted.
// It shares no formula with the kernel.
#ifndef CONVOY_TESTS_KERNEL_SUPPORT_REFERENCE_H_
#define CONVOY_TESTS_KERNEL_SUPPORT_REFERENCE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernel/layer/conv1d.h"

namespace convoy::testing {

// Arrays are in the layer's data_format.
struct ReferenceResult {
  // The shape is layer.OutputShape(). Of a reduced-precision layer: rounded
  // where the layer rounds.
  std::vector<double> output;
  // (N, O, F) or (N, F, O), before the activation: |bias| + sum of |x * w| of
  // each output, the scale that rounding errors are measured against.
  std::vector<double> magnitude;
  // The same shape: what the activation was given.
  std::vector<double> preactivation;
};

// REQUIRES: `input` holds sequences * length * channels values in the layer's
// data_format, and shape came from layer.CheckInput.
ReferenceResult ReferenceConv1D(const layer::Conv1D& layer, const layer::InputShape& shape,
                                absl::Span<const float> input);
ReferenceResult ReferenceConv1D(const layer::Conv1D& layer, const layer::InputShape& shape,
                                absl::Span<const double> input);

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_SUPPORT_REFERENCE_H_
