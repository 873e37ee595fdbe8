#include "kernel/layer/weights.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/checked_math.h"
#include "kernel/layer/python_tuple.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

absl::Status Invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

absl::Status CheckChannels(const Conv1DConfig& config, int64_t input_channels) {
  if (input_channels <= 0) {
    return Invalid(absl::StrCat("Expected at least one input channel, got ", input_channels, "."));
  }
  if (input_channels % config.groups != 0) {
    const bool last = config.data_format == DataFormat::kChannelsLast;
    const int64_t shape[] = {-1, last ? -1 : input_channels, last ? input_channels : -1};
    return Invalid(absl::StrCat("The number of input channels must be evenly divisible by the ",
                                "number of groups. Received groups=", config.groups,
                                ", but the input has ", input_channels,
                                " channels (full input shape is ", PythonTuple(shape), ")."));
  }
  return absl::OkStatus();
}

absl::Status CheckSizes(const Conv1DConfig& config, int64_t input_channels) {
  if (input_channels > kMaxChannels || config.filters > kMaxChannels) {
    return Invalid(absl::StrCat("Expected at most ", kMaxChannels,
                                " input channels and filters, got ", input_channels, " and ",
                                config.filters, "."));
  }
  if (!config.window.Fits()) {
    return Invalid(
        absl::StrCat("The window does not fit in 64 bits: kernel_size=", config.window.kernel_size,
                     ", dilation_rate=", config.window.dilation_rate, "."));
  }
  const auto elements =
      CheckedMultiply(config.window.kernel_size, input_channels / config.groups, config.filters);
  if (elements.has_value() && *elements <= kMaxVariableElements) return absl::OkStatus();
  return Invalid(absl::StrCat("Expected a kernel of at most ", kMaxVariableElements,
                              " elements, got kernel_size=", config.window.kernel_size,
                              ", input channels=", input_channels, ", groups=", config.groups,
                              ", filters=", config.filters, "."));
}

// Keras makes the variables before it loads them.
absl::Status CheckInitializers(const Conv1DConfig& config, absl::Span<const int64_t> kernel_shape) {
  if (config.kernel_initializer.has_value()) {
    CONVOY_RETURN_IF_ERROR(CheckInitializer(*config.kernel_initializer, kernel_shape));
  }
  if (!config.use_bias || !config.bias_initializer.has_value()) return absl::OkStatus();
  const int64_t bias_shape[] = {config.filters};
  return CheckInitializer(*config.bias_initializer, bias_shape);
}

absl::Status CheckLora(const Conv1DConfig& config, absl::Span<const int64_t> kernel_shape,
                       const Conv1DWeights& weights) {
  if (weights.lora_kernel_a.has_value() != weights.lora_kernel_b.has_value()) {
    return Invalid("weights: expected both `lora_kernel_a` and `lora_kernel_b` or none, got one.");
  }
  if (!weights.lora_kernel_a.has_value()) return absl::OkStatus();
  if (!config.lora_rank.has_value()) {
    return Invalid("weights: got `lora_kernel_a`, but the layer has no lora_rank.");
  }
  const int64_t rank = *config.lora_rank;
  const int64_t a_shape[] = {kernel_shape[0], kernel_shape[1], rank};
  const int64_t b_shape[] = {rank, config.filters};
  CONVOY_RETURN_IF_ERROR(CheckShape(*weights.lora_kernel_a, kLoraAName, a_shape));
  return CheckShape(*weights.lora_kernel_b, kLoraBName, b_shape);
}

// The kernel's channels are fixed by the layer; its frames, unless shared, by
// the file.
absl::Status CheckSlopes(const Conv1DConfig& config, const Tensor& slopes) {
  if (config.activation.kind != ActivationKind::kPRelu) {
    return Invalid("weights: got `activation/alpha`, but the activation is not a PReLU.");
  }
  const bool last = config.data_format == DataFormat::kChannelsLast;
  const auto shared = [&](int axis) { return (config.activation.axes >> axis & 1) != 0; };
  const int64_t channels = shared(last ? 2 : 1) ? 1 : config.filters;
  int64_t frames = 1;
  if (!shared(last ? 1 : 2) && slopes.shape.size() == 2) frames = slopes.shape[last ? 0 : 1];
  const int64_t shape[] = {last ? frames : channels, last ? channels : frames};
  return CheckShape(slopes, kActivationAlphaName, shape);
}

absl::StatusOr<Tensor> MakeVariable(const Conv1DConfig& config, const Initializer& initializer,
                                    std::vector<int64_t> shape, uint64_t stream) {
  CONVOY_ASSIGN_OR_RETURN(const std::vector<double> values, Initialize(initializer, shape, stream));
  return FromDoubles(config.dtype_policy.variable_dtype, std::move(shape), values);
}

// What keras.layers.Layer.add_weight uses when told nothing.
Initializer DefaultKernelInitializer() {
  return Initializer{.kind = InitializerKind::kVarianceScaling,
                     .mode = FanMode::kFanAvg,
                     .distribution = Distribution::kUniform};
}

absl::Status Project(const std::optional<Constraint>& constraint, Tensor& tensor) {
  if (!constraint.has_value()) return absl::OkStatus();
  std::vector<double> values = ToDoubles(tensor);
  CONVOY_RETURN_IF_ERROR(ApplyConstraint(*constraint, tensor.shape, absl::MakeSpan(values)));
  tensor = FromDoubles(tensor.dtype, tensor.shape, values);
  return absl::OkStatus();
}

absl::Status Check(const std::optional<Constraint>& constraint, std::string_view name,
                   const Tensor& tensor) {
  if (!constraint.has_value()) return absl::OkStatus();
  return CheckConstraint(*constraint, name, tensor.shape, ToDoubles(tensor));
}

}  // namespace

std::vector<int64_t> KernelShape(const Conv1DConfig& config, int64_t input_channels) {
  return {config.window.kernel_size, input_channels / config.groups, config.filters};
}

absl::Status CheckShapes(const Conv1DConfig& config, int64_t input_channels,
                         const Conv1DWeights& weights) {
  CONVOY_RETURN_IF_ERROR(CheckChannels(config, input_channels));
  CONVOY_RETURN_IF_ERROR(CheckSizes(config, input_channels));
  const std::vector<int64_t> kernel_shape = KernelShape(config, input_channels);
  CONVOY_RETURN_IF_ERROR(CheckInitializers(config, kernel_shape));
  CONVOY_RETURN_IF_ERROR(CheckShape(weights.kernel, kKernelName, kernel_shape));
  if (config.use_bias != weights.bias.has_value()) {
    return Invalid(config.use_bias
                       ? "weights: expected a tensor `bias` because use_bias is true, got none."
                       : "weights: expected no tensor `bias` because use_bias is false, got one.");
  }
  if (config.use_bias) {
    const int64_t bias_shape[] = {config.filters};
    CONVOY_RETURN_IF_ERROR(CheckShape(*weights.bias, kBiasName, bias_shape));
  }
  CONVOY_RETURN_IF_ERROR(CheckLora(config, kernel_shape, weights));
  if (!weights.activation_alpha.has_value()) return absl::OkStatus();
  return CheckSlopes(config, *weights.activation_alpha);
}

absl::Status CheckWeights(const Conv1DConfig& config, int64_t input_channels,
                          const Conv1DWeights& weights) {
  CONVOY_RETURN_IF_ERROR(CheckShapes(config, input_channels, weights));
  CONVOY_RETURN_IF_ERROR(CheckBytes(weights.kernel, kKernelName));
  const std::pair<const std::optional<Tensor>*, std::string_view> others[] = {
      {&weights.bias, kBiasName},
      {&weights.lora_kernel_a, kLoraAName},
      {&weights.lora_kernel_b, kLoraBName},
      {&weights.activation_alpha, kActivationAlphaName}};
  for (const auto& [tensor, name] : others) {
    if (tensor->has_value()) CONVOY_RETURN_IF_ERROR(CheckBytes(**tensor, name));
  }
  return absl::OkStatus();
}

absl::StatusOr<Conv1DWeights> InitializeWeights(const Conv1DConfig& config, int64_t input_channels,
                                                uint64_t seed) {
  constexpr uint64_t kStreamsPerSeed = 16;
  CONVOY_RETURN_IF_ERROR(CheckChannels(config, input_channels));
  CONVOY_RETURN_IF_ERROR(CheckSizes(config, input_channels));
  Conv1DWeights weights;
  CONVOY_ASSIGN_OR_RETURN(
      weights.kernel,
      MakeVariable(config, config.kernel_initializer.value_or(DefaultKernelInitializer()),
                   KernelShape(config, input_channels), seed * kStreamsPerSeed));
  if (config.use_bias) {
    CONVOY_ASSIGN_OR_RETURN(weights.bias,
                            MakeVariable(config, config.bias_initializer.value_or(Initializer{}),
                                         {config.filters}, seed * kStreamsPerSeed + 1));
  }
  return weights;
}

absl::Status ApplyConstraints(const Conv1DConfig& config, Conv1DWeights& weights) {
  CONVOY_RETURN_IF_ERROR(Project(config.kernel_constraint, weights.kernel));
  if (!weights.bias.has_value()) return absl::OkStatus();
  return Project(config.bias_constraint, *weights.bias);
}

absl::Status CheckConstraints(const Conv1DConfig& config, const Conv1DWeights& weights) {
  CONVOY_RETURN_IF_ERROR(Check(config.kernel_constraint, kKernelName, weights.kernel));
  if (!weights.bias.has_value()) return absl::OkStatus();
  return Check(config.bias_constraint, kBiasName, *weights.bias);
}

}  // namespace convoy::layer
