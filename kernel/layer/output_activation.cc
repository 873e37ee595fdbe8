#include "kernel/layer/output_activation.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/elementwise_activation.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

constexpr uint64_t kSlopeStream = 4;

bool ChannelsLast(const Conv1DConfig& config) {
  return config.data_format == DataFormat::kChannelsLast;
}

LogicalAxes AxesOf(const Conv1DConfig& config) {
  const AxisSet axes = config.activation.axes;
  const bool middle = (axes & 2) != 0, end = (axes & 4) != 0;
  const bool last = ChannelsLast(config);
  return {
      .sequences = (axes & 1) != 0, .frames = last ? middle : end, .channels = last ? end : middle};
}

// The values of a PReLU's slopes; of `channels` and, when a file brings them, of
// as many frames as it has.
absl::StatusOr<std::vector<double>> SlopeValues(const Conv1DConfig& config, int64_t channels,
                                                bool frames_shared,
                                                const std::optional<Tensor>& slopes) {
  const bool is_layer = config.activation_layer.has_value();
  const DTypePolicy& policy =
      is_layer ? config.activation_layer->dtype_policy : config.dtype_policy;
  if (slopes.has_value()) return ComputeDoubles(*slopes, policy);
  const Initializer made =
      is_layer ? config.activation_layer->slope_initializer.value_or(Initializer{}) : Initializer{};
  if (!frames_shared && made.kind != InitializerKind::kConstant) {
    return absl::InvalidArgumentError(
        "weights: expected a tensor `activation/alpha`, because the slopes of this PReLU differ "
        "from frame to frame and are not constant; got none.");
  }
  const bool last = ChannelsLast(config);
  const int64_t shape[] = {last ? 1 : channels, last ? channels : 1};
  CONVOY_ASSIGN_OR_RETURN(std::vector<double> values, Initialize(made, shape, kSlopeStream));
  RoundTo(policy.variable_dtype, absl::MakeSpan(values));
  RoundTo(policy.compute_dtype, absl::MakeSpan(values));
  return values;
}

// Copies and activates run by run, along the axis that is dense in `output`.
template <typename Real>
void ApplyToRuns(const Activation& activation, const TensorView<const Real>& input,
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
      ApplyElementwise(activation, absl::MakeSpan(run));
      for (int64_t i = 0; i < width; ++i) to[i * to_step] = run[i];
    }
  }
}

template <typename Real>
void ApplyTo(const Activation& activation, LogicalAxes axes, const PReluSlopes& slopes,
             const TensorView<const Real>& input, const TensorView<Real>& output) {
  if (IsElementwise(activation)) return ApplyToRuns(activation, input, output);
  if (activation.kind == ActivationKind::kPRelu) return ApplyPRelu(slopes, input, output);
  ApplyAxisActivation(activation, axes, input, output);
}

}  // namespace

absl::StatusOr<OutputActivation> OutputActivation::Make(const Conv1DConfig& config,
                                                        const std::optional<Tensor>& slopes) {
  OutputActivation made;
  made.activation_ = config.activation;
  made.axes_ = AxesOf(config);
  if (config.activation.kind != ActivationKind::kPRelu) return made;
  // A PReLU's axes are those that share a slope.
  const bool last = ChannelsLast(config);
  PReluSlopes& out = made.slopes_;
  out.channels = made.axes_.channels ? 1 : config.filters;
  CONVOY_ASSIGN_OR_RETURN(out.values, SlopeValues(config, out.channels, made.axes_.frames, slopes));
  out.frames = static_cast<int64_t>(out.values.size()) / out.channels;
  // Slopes of one frame fit any length, except that Keras checks the axes that
  // are not shared as soon as one is.
  made.frames_fixed_ =
      out.frames != 1 || (slopes.has_value() && config.activation.axes != 0 && !made.axes_.frames);
  out.channel_stride = out.channels == 1 ? 0 : (last ? 1 : out.frames);
  out.frame_stride = out.frames == 1 ? 0 : (last ? out.channels : 1);
  return made;
}

ActivationReach OutputActivation::reach() const {
  if (activation_.kind == ActivationKind::kLinear) return ActivationReach::kNone;
  if (IsElementwise(activation_)) return ActivationReach::kElement;
  if (activation_.kind == ActivationKind::kPRelu) {
    return slopes_.frames == 1 ? ActivationReach::kFrame : ActivationReach::kSequence;
  }
  if (axes_.sequences) return ActivationReach::kRequest;
  return axes_.frames ? ActivationReach::kSequence : ActivationReach::kFrame;
}

std::optional<int64_t> OutputActivation::fixed_frames() const {
  return frames_fixed_ ? std::optional<int64_t>(slopes_.frames) : std::nullopt;
}

void OutputActivation::Apply(const TensorView<const float>& input,
                             const TensorView<float>& output) const {
  ApplyTo(activation_, axes_, slopes_, input, output);
}

void OutputActivation::Apply(const TensorView<const double>& input,
                             const TensorView<double>& output) const {
  ApplyTo(activation_, axes_, slopes_, input, output);
}

int64_t OutputActivation::ScratchNumbers(int64_t sequences, int64_t frames,
                                         int64_t channels) const {
  if (IsElementwise(activation_)) return std::max(frames, channels);
  if (activation_.kind == ActivationKind::kPRelu) return 0;
  const int64_t line = (axes_.sequences ? sequences : 1) * (axes_.frames ? frames : 1) *
                       (axes_.channels ? channels : 1);
  const bool copies = activation_.kind == ActivationKind::kLogSoftmax ||
                      activation_.kind == ActivationKind::kSparsemax;
  return copies ? 2 * line : line;
}

}  // namespace convoy::layer
