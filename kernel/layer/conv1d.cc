#include "kernel/layer/conv1d.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/checked_math.h"
#include "kernel/layer/lora.h"
#include "kernel/layer/output_shape.h"
#include "kernel/layer/python_repr.h"
#include "kernel/layer/reduced_precision.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

// Sizes must stay addressable with the widest element.
constexpr int64_t kLargestElement = 8;

// A variable's values as a call reads them, in double.
std::vector<double> ComputeValues(const Tensor& tensor, const DTypePolicy& policy) {
  std::vector<double> values = ToDoubles(tensor);
  RoundTo(policy.variable_dtype, absl::MakeSpan(values));
  RoundTo(policy.compute_dtype, absl::MakeSpan(values));
  return values;
}

// The same for variables narrower than float64, without the detour.
std::vector<float> ComputeFloats(const Tensor& tensor, const DTypePolicy& policy) {
  std::vector<float> values = ToFloats(tensor);
  RoundTo(policy.variable_dtype, absl::MakeSpan(values));
  RoundTo(policy.compute_dtype, absl::MakeSpan(values));
  return values;
}

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

// Copies and activates run by run, along the axis that is dense in `output`.
template <typename Real>
void ApplyElementwise(const Activation& activation, const TensorView<const Real>& input,
                      const TensorView<Real>& output) {
  const bool by_frames = output.channel_stride != 1;
  const int64_t rows = by_frames ? input.channels : input.frames;
  const int64_t width = by_frames ? input.frames : input.channels;
  const int64_t from_row = by_frames ? input.channel_stride : input.frame_stride;
  const int64_t from_step = by_frames ? input.frame_stride : input.channel_stride;
  const int64_t to_row = by_frames ? output.channel_stride : output.frame_stride;
  const int64_t to_step = by_frames ? output.frame_stride : output.channel_stride;
  std::vector<Real> run(width);
  for (int64_t n = 0; n < input.sequences; ++n) {
    for (int64_t row = 0; row < rows; ++row) {
      const Real* from = input.data + n * input.sequence_stride + row * from_row;
      Real* to = output.data + n * output.sequence_stride + row * to_row;
      for (int64_t i = 0; i < width; ++i) run[i] = from[i * from_step];
      ApplyActivation(activation, absl::MakeSpan(run));
      for (int64_t i = 0; i < width; ++i) to[i * to_step] = run[i];
    }
  }
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
  layer.weight_losses_ = WeightLosses(config, weights);
  layer.count_params_ = CountElements(weights);
  layer.input_channels_ = input_channels;
  layer.output_channels_ = config.filters / (last && GluAxis(config) != 0 ? 2 : 1);
  layer.config_ = std::move(config);
  layer.SetKernel(weights);
  layer.SetBias(weights);
  CONVOY_RETURN_IF_ERROR(layer.SetSlopes(weights));
  return layer;
}

void Conv1D::SetKernel(const Conv1DWeights& weights) {
  const DTypePolicy& policy = config_.dtype_policy;
  const bool lora = weights.lora_kernel_a.has_value();
  if (!lora && !uses_double() && weights.kernel.dtype != DType::kFloat64) {
    kernel_ = ComputeFloats(weights.kernel, policy);
    return;
  }
  std::vector<double> kernel = ComputeValues(weights.kernel, policy);
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
  std::vector<double> bias = ComputeValues(*weights.bias, config_.dtype_policy);
  if (uses_double()) {
    bias_f64_ = std::move(bias);
  } else {
    bias_.assign(bias.begin(), bias.end());
  }
}

absl::Status Conv1D::SetSlopes(const Conv1DWeights& weights) {
  if (config_.activation.kind != ActivationKind::kPRelu) return absl::OkStatus();
  const bool last = config_.data_format == DataFormat::kChannelsLast;
  const auto shared = [&](int axis) { return (config_.activation.axes >> axis & 1) != 0; };
  slopes_.channels = shared(last ? 2 : 1) ? 1 : config_.filters;
  const DTypePolicy policy = config_.activation_layer.has_value()
                                 ? config_.activation_layer->dtype_policy
                                 : config_.dtype_policy;
  if (weights.activation_alpha.has_value()) {
    slopes_.values = ComputeValues(*weights.activation_alpha, policy);
  } else {
    const Initializer made =
        config_.activation_layer.has_value()
            ? config_.activation_layer->slope_initializer.value_or(Initializer{})
            : Initializer{};
    if (!shared(last ? 1 : 2) && made.kind != InitializerKind::kConstant) {
      return absl::InvalidArgumentError(
          "weights: expected a tensor `activation/alpha`, because the slopes of this PReLU differ "
          "from frame to frame and are not constant; got none.");
    }
    const int64_t shape[] = {last ? 1 : slopes_.channels, last ? slopes_.channels : 1};
    CONVOY_ASSIGN_OR_RETURN(slopes_.values, Initialize(made, shape, /*stream=*/4));
    RoundTo(policy.variable_dtype, absl::MakeSpan(slopes_.values));
    RoundTo(policy.compute_dtype, absl::MakeSpan(slopes_.values));
  }
  slopes_.frames = static_cast<int64_t>(slopes_.values.size()) / slopes_.channels;
  // Slopes of one frame fit any length, except that Keras checks the axes that
  // are not shared as soon as one is.
  slope_frames_fixed_ =
      slopes_.frames != 1 || (weights.activation_alpha.has_value() &&
                              config_.activation.axes != 0 && !shared(last ? 1 : 2));
  slopes_.channel_stride = slopes_.channels == 1 ? 0 : (last ? 1 : slopes_.frames);
  slopes_.frame_stride = slopes_.frames == 1 ? 0 : (last ? slopes_.channels : 1);
  return absl::OkStatus();
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
  if (slope_frames_fixed_ && slopes_.frames != frames->output) {
    return absl::InvalidArgumentError(
        absl::StrCat("shape: the PReLU has slopes for ", slopes_.frames, " output frames, but ",
                     PythonTuple(shape), " gives ", frames->output, "."));
  }
  return InputShape{.sequences = shape[0], .length = length, .frames = *frames};
}

std::array<int64_t, 3> Conv1D::OutputShape(const InputShape& shape) const {
  const bool last = config_.data_format == DataFormat::kChannelsLast;
  const int64_t frames = shape.frames.output / (!last && GluAxis(config_) != 0 ? 2 : 1);
  return {shape.sequences, last ? frames : output_channels_, last ? output_channels_ : frames};
}

LogicalAxes Conv1D::activation_axes() const {
  const AxisSet axes = config_.activation.axes;
  const bool middle = (axes & 2) != 0, end = (axes & 4) != 0;
  const bool last = config_.data_format == DataFormat::kChannelsLast;
  return {
      .sequences = (axes & 1) != 0, .frames = last ? middle : end, .channels = last ? end : middle};
}

TensorSpec Conv1D::input_spec() const {
  const bool last = config_.data_format == DataFormat::kChannelsLast;
  return {compute_dtype(), {-1, last ? -1 : input_channels_, last ? input_channels_ : -1}};
}

TensorSpec Conv1D::output_spec() const {
  const bool last = config_.data_format == DataFormat::kChannelsLast;
  return {output_dtype(), {-1, last ? -1 : output_channels_, last ? output_channels_ : -1}};
}

Conv1D Conv1D::ConvolutionOp() const {
  Conv1D plain = *this;
  plain.config_.activation = {};
  plain.config_.activation_layer.reset();
  plain.config_.activity_regularizer.reset();
  plain.config_.use_bias = false;
  plain.output_channels_ = config_.filters;
  plain.bias_.clear();
  plain.bias_f64_.clear();
  plain.slopes_ = {};
  plain.weight_losses_ = std::vector<WeightLoss>();
  plain.count_params_ = static_cast<int64_t>(kernel_.size() + kernel_f64_.size());
  if (uses_double() && !plain.uses_double()) {
    // The activation alone was wider; these are numbers of the compute dtype.
    plain.kernel_.assign(kernel_f64_.begin(), kernel_f64_.end());
    plain.kernel_f64_.clear();
  }
  return plain;
}

ActivationReach Conv1D::activation_reach() const {
  const Activation& activation = config_.activation;
  if (activation.kind == ActivationKind::kLinear) return ActivationReach::kNone;
  if (IsElementwise(activation)) return ActivationReach::kElement;
  if (activation.kind == ActivationKind::kPRelu) {
    return slopes_.frames == 1 ? ActivationReach::kFrame : ActivationReach::kSequence;
  }
  const LogicalAxes axes = activation_axes();
  if (axes.sequences) return ActivationReach::kRequest;
  return axes.frames ? ActivationReach::kSequence : ActivationReach::kFrame;
}

void Conv1D::ApplyActivation(const TensorView<const float>& input,
                             const TensorView<float>& output) const {
  const Activation& activation = config_.activation;
  if (IsElementwise(activation)) return ApplyElementwise(activation, input, output);
  if (activation.kind == ActivationKind::kPRelu) return ApplyPRelu(slopes_, input, output);
  ApplyAxisActivation(activation, activation_axes(), input, output);
}

void Conv1D::ApplyActivation(const TensorView<const double>& input,
                             const TensorView<double>& output) const {
  const Activation& activation = config_.activation;
  if (IsElementwise(activation)) return ApplyElementwise(activation, input, output);
  if (activation.kind == ActivationKind::kPRelu) return ApplyPRelu(slopes_, input, output);
  ApplyAxisActivation(activation, activation_axes(), input, output);
}

}  // namespace convoy::layer
