// The variables of a Conv1D: what a weights file holds, how they are made
// without one, and what constraints say of them.
#ifndef CONVOY_KERNEL_LAYER_WEIGHTS_H_
#define CONVOY_KERNEL_LAYER_WEIGHTS_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/layer/conv1d_config.h"
#include "kernel/layer/tensor.h"

namespace convoy::layer {

// The tensors of weights.safetensors, in any float dtype.
struct Conv1DWeights {
  Tensor kernel;               // (K, C / groups, F)
  std::optional<Tensor> bias;  // (F), present iff use_bias

  // Both or none. A layer with a lora_rank whose file has none holds the merged
  // kernel, as Keras saves it: the factors are zero.
  std::optional<Tensor> lora_kernel_a;  // (K, C / groups, lora_rank)
  std::optional<Tensor> lora_kernel_b;  // (lora_rank, F)

  // The slopes of a PReLU: the output's shape without the batch, 1 on shared
  // axes. Without them the layer's initializer makes them.
  std::optional<Tensor> activation_alpha;
};

// The names of these tensors in a file.
inline constexpr std::string_view kKernelName = "kernel";
inline constexpr std::string_view kBiasName = "bias";
inline constexpr std::string_view kLoraAName = "lora_kernel_a";
inline constexpr std::string_view kLoraBName = "lora_kernel_b";
inline constexpr std::string_view kActivationAlphaName = "activation/alpha";

// Input channels and filters, each: far beyond the layers that people train.
inline constexpr int64_t kMaxChannels = int64_t{1} << 20;

// The shape of the kernel variable.
std::vector<int64_t> KernelShape(const Conv1DConfig& config, int64_t input_channels);

// Checks channels against groups, the sizes against their bounds, the initializers
// and every tensor's dtype and shape, not its bytes: of a file that is still to be
// read.
//   INVALID_ARGUMENT  names the tensor or argument, expected and got.
absl::Status CheckShapes(const Conv1DConfig& config, int64_t input_channels,
                         const Conv1DWeights& weights);

// The same, and that every tensor has the bytes of its shape.
absl::Status CheckWeights(const Conv1DConfig& config, int64_t input_channels,
                          const Conv1DWeights& weights);

// The variables that the layer's initializers make, in the variable dtype;
// deterministic. `seed` is for those that have none of their own. Makes no LoRA
// factors: their default start changes nothing.
//   INVALID_ARGUMENT  an initializer that cannot make a kernel or bias.
absl::StatusOr<Conv1DWeights> InitializeWeights(const Conv1DConfig& config, int64_t input_channels,
                                                uint64_t seed = 0);

// Projects kernel and bias as a training step would.
// REQUIRES: CheckWeights accepts the weights.
absl::Status ApplyConstraints(const Conv1DConfig& config, Conv1DWeights& weights);

// Refuses weights that break the layer's constraints.
//   FAILED_PRECONDITION  names the tensor and the constraint.
// REQUIRES: CheckWeights accepts the weights.
absl::Status CheckConstraints(const Conv1DConfig& config, const Conv1DWeights& weights);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_WEIGHTS_H_
