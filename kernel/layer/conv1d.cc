#include "kernel/layer/conv1d.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/checked_math.h"
#include "kernel/layer/lora.h"
#include "kernel/layer/output_shape.h"
#include "kernel/layer/python_tuple.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

// Sizes must stay addressable with the widest element.
constexpr int64_t kLargestElement = 8;

int64_t CountElements(const Conv1DWeights& weights) {
  const auto elements = [](const Tensor& tensor) {
    return static_cast<int64_t>(tensor.data.size()) / SizeOf(tensor.dtype);
  };
  int64_t count = elements(weights.kernel);
  for (const auto* tensor :
       {&weights.bias, &weights.lora_kernel_a, &weights.lora_kernel_b, &weights.activation_alpha}) {
    if (tensor->has_value()) count += elements(**tensor);
  }
  return count;
}

}  // namespace

// The weights are handed over for good: what is not kept of them ends here, before
// the layer is used.
absl::StatusOr<Conv1D> Conv1D::Build(Conv1DConfig config, int64_t input_channels,
                                     // NOLINTNEXTLINE(performance-unnecessary-value-param)
                                     Conv1DWeights weights) {
  CONVOY_RETURN_IF_ERROR(CheckWeights(config, input_channels, weights));
  const bool last = config.data_format == DataFormat::kChannelsLast;
  const int64_t output[] = {-1, last ? -1 : config.filters, last ? config.filters : -1};
  CONVOY_RETURN_IF_ERROR(CheckGlu(config, output));
  Conv1D layer;
  CONVOY_ASSIGN_OR_RETURN(layer.activation_,
                          OutputActivation::Make(config, weights.activation_alpha));
  layer.variables_ = {CountElements(weights), WeightLosses(config, weights)};
  layer.input_channels_ = input_channels;
  layer.output_channels_ = config.filters / (last && GluAxis(config) != 0 ? 2 : 1);
  layer.config_ = std::move(config);
  layer.SetKernel(weights);
  layer.SetBias(weights);
  return layer;
}

void Conv1D::SetKernel(const Conv1DWeights& weights) {
  const DTypePolicy& policy = config_.dtype_policy;
  const bool lora = weights.lora_kernel_a.has_value();
  if (!lora && !uses_double() && weights.kernel.dtype != DType::kFloat64) {
    kernel_ = ComputeFloats(weights.kernel, policy);
    return;
  }
  std::vector<double> kernel = ComputeDoubles(weights.kernel, policy);
  if (lora) {
    const auto rank = static_cast<double>(*config_.lora_rank);
    AddLora(config_.lora_alpha.value_or(rank) / rank, policy, *config_.lora_rank,
            ToDoubles(*weights.lora_kernel_a), ToDoubles(*weights.lora_kernel_b),
            absl::MakeSpan(kernel));
    RoundTo(policy.compute_dtype, absl::MakeSpan(kernel));
  }
  if (uses_double()) {
    kernel_f64_ = std::move(kernel);
  } else {
    kernel_.assign(kernel.begin(), kernel.end());
  }
}

void Conv1D::SetBias(const Conv1DWeights& weights) {
  if (!weights.bias.has_value()) return;
  std::vector<double> bias = ComputeDoubles(*weights.bias, config_.dtype_policy);
  if (uses_double()) {
    bias_f64_ = std::move(bias);
  } else {
    bias_.assign(bias.begin(), bias.end());
  }
}

DType Conv1D::output_dtype() const {
  return config_.activation_layer.has_value() ? config_.activation_layer->dtype_policy.compute_dtype
                                              : compute_dtype();
}

bool Conv1D::uses_double() const {
  return compute_dtype() == DType::kFloat64 || output_dtype() == DType::kFloat64;
}

absl::StatusOr<InputShape> Conv1D::CheckInput(absl::Span<const int64_t> shape) const {
  CONVOY_RETURN_IF_ERROR(CheckRank(config_, input_channels_, shape));
  if (std::any_of(shape.begin(), shape.end(), [](int64_t size) { return size < 0; })) {
    return absl::InvalidArgumentError(absl::StrCat("shape: expected dimensions of 0 or more, got (",
                                                   absl::StrJoin(shape, ", "), ")."));
  }
  const bool last = config_.data_format == DataFormat::kChannelsLast;
  if (shape[last ? 2 : 1] != input_channels_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input 0 of layer '", config_.name, "' is incompatible with the layer: expected axis ",
        last ? -1 : 1, " of input shape to have value ", input_channels_,
        ", but received input with shape ", PythonTuple(shape)));
  }
  const int64_t length = shape[last ? 1 : 2];
  const absl::StatusOr<Frames> frames = config_.window.FramesFor(length);
  if (absl::IsInvalidArgument(frames.status())) {
    return EmptyOutputError(config_, input_channels_, shape);
  }
  if (!frames.ok() ||
      !CheckedMultiply(shape[0], length, input_channels_, kLargestElement).has_value() ||
      !CheckedMultiply(shape[0], frames->output, config_.filters, kLargestElement).has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "shape: expected dimensions whose product fits in 64 bits, got ", PythonTuple(shape), "."));
  }
  const int64_t output[] = {shape[0], last ? frames->output : config_.filters,
                            last ? config_.filters : frames->output};
  CONVOY_RETURN_IF_ERROR(CheckGlu(config_, output));
  const std::optional<int64_t> fixed = activation_.fixed_frames();
  if (fixed.has_value() && *fixed != frames->output) {
    return absl::InvalidArgumentError(absl::StrCat("shape: the PReLU has slopes for ", *fixed,
                                                   " output frames, but ", PythonTuple(shape),
                                                   " gives ", frames->output, "."));
  }
  return InputShape{.sequences = shape[0], .length = length, .frames = *frames};
}

std::array<int64_t, 3> Conv1D::OutputShape(const InputShape& shape) const {
  const bool last = config_.data_format == DataFormat::kChannelsLast;
  const int64_t frames = shape.frames.output / (!last && GluAxis(config_) != 0 ? 2 : 1);
  return {shape.sequences, last ? frames : output_channels_, last ? output_channels_ : frames};
}

}  // namespace convoy::layer
