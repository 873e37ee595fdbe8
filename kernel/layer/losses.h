// layer.losses, as far as it is known without a call: what the regularizers of the
// variables add to a loss. That of an answer is kernel/batch/activity_loss.h.
#ifndef CONVOY_KERNEL_LAYER_LOSSES_H_
#define CONVOY_KERNEL_LAYER_LOSSES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
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

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_LOSSES_H_
