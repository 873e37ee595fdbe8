#include "kernel/layer/losses.h"

#include "absl/status/status.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

// Adds the penalty of one variable as it is kept in `dtype`.
absl::Status AddLoss(const std::optional<Regularizer>& regularizer, std::string_view name,
                     const std::optional<Tensor>& variable, DType dtype,
                     std::vector<WeightLoss>& losses) {
  if (!regularizer.has_value() || !variable.has_value()) return absl::OkStatus();
  std::vector<double> values = ToDoubles(*variable);
  RoundTo(dtype, absl::MakeSpan(values));
  CONVOY_ASSIGN_OR_RETURN(const double value, Penalty(*regularizer, variable->shape, values));
  losses.push_back({std::string(name), value});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<WeightLoss>> WeightLosses(const Conv1DConfig& config,
                                                     const Conv1DWeights& weights) {
  std::vector<WeightLoss> losses;
  if (!config.trainable) return losses;
  const DType dtype = config.dtype_policy.variable_dtype;
  const std::optional<Regularizer>& on_kernel = config.kernel_regularizer;
  const bool lora = config.lora_rank.has_value();
  if (!lora) {
    CONVOY_RETURN_IF_ERROR(AddLoss(on_kernel, kKernelName, weights.kernel, dtype, losses));
  }
  CONVOY_RETURN_IF_ERROR(AddLoss(config.bias_regularizer, kBiasName, weights.bias, dtype, losses));
  if (lora) {
    const DType factors = DType::kFloat32;
    CONVOY_RETURN_IF_ERROR(AddLoss(on_kernel, kLoraAName, weights.lora_kernel_a, factors, losses));
    CONVOY_RETURN_IF_ERROR(AddLoss(on_kernel, kLoraBName, weights.lora_kernel_b, factors, losses));
  }
  if (config.activation_layer.has_value()) {
    const ActivationLayer& activation = *config.activation_layer;
    CONVOY_RETURN_IF_ERROR(AddLoss(activation.slope_regularizer, kActivationAlphaName,
                                   weights.activation_alpha, activation.dtype_policy.variable_dtype,
                                   losses));
  }
  return losses;
}

}  // namespace convoy::layer
