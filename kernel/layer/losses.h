// layer.losses: what the layer's regularizers add to a loss.
#ifndef CONVOY_KERNEL_LAYER_LOSSES_H_
#define CONVOY_KERNEL_LAYER_LOSSES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/layer/conv1d_config.h"
#include "kernel/layer/weights.h"

namespace convoy::layer {

struct WeightLoss {
  std::string variable;  // "kernel", "bias", "lora_kernel_a", ...
  double value = 0.0;
};

// The penalties of the trainable variables, in Keras' order. With LoRA the
// kernel is frozen and its regularizer falls on both factors.
//   INVALID_ARGUMENT  an OrthogonalRegularizer, in Keras' words.
// REQUIRES: CheckWeights accepts the weights.
absl::StatusOr<std::vector<WeightLoss>> WeightLosses(const Conv1DConfig& config,
                                                     const Conv1DWeights& weights);

// The activity regularizer's penalty of an answer, divided by the number of
// sequences; 0 for none of them, and without that regularizer.
// `output` holds `shape` values.
absl::StatusOr<double> ActivityLoss(const Conv1DConfig& config, absl::Span<const int64_t> shape,
                                    absl::Span<const double> output);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_LOSSES_H_
