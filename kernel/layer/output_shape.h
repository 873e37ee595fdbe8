// compute_output_shape and symbolic_call: shapes before there are numbers.
#ifndef CONVOY_KERNEL_LAYER_OUTPUT_SHAPE_H_
#define CONVOY_KERNEL_LAYER_OUTPUT_SHAPE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/layer/conv1d_config.h"

namespace convoy::layer {

// What a layer answers to an input of `shape`; -1 stands for a dimension not
// known yet, and such an input dimension gives such an output dimension. A glu
// halves its axis here, unlike in Keras, because it does so in the answer.
//   INVALID_ARGUMENT  rank, a known length shorter than the window, or an axis
//                     that glu cannot halve.
absl::StatusOr<std::vector<int64_t>> ComputeOutputShape(const Conv1DConfig& config,
                                                        absl::Span<const int64_t> shape);

// Keras' words for a sequence shorter than the window.
absl::Status EmptyOutputError(const Conv1DConfig& config, int64_t input_channels,
                              absl::Span<const int64_t> shape);

// Keras' words for an input that is not of rank 3; OK for rank 3.
absl::Status CheckRank(const Conv1DConfig& config, int64_t input_channels,
                       absl::Span<const int64_t> shape);

// The axis that a glu halves, 1 or 2; 0 for other activations.
int GluAxis(const Conv1DConfig& config);

// Refuses an output shape, before the activation, that a glu cannot halve.
absl::Status CheckGlu(const Conv1DConfig& config, absl::Span<const int64_t> shape);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_OUTPUT_SHAPE_H_
