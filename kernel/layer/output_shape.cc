#include "kernel/layer/output_shape.h"

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/python_tuple.h"

namespace convoy::layer {

absl::Status EmptyOutputError(const Conv1DConfig& config, int64_t input_channels,
                              absl::Span<const int64_t> shape) {
  const Window& window = config.window;
  const int64_t kernel_shape[] = {window.kernel_size, input_channels, config.filters};
  return absl::InvalidArgumentError(absl::StrCat(
      "Computed output size would be zero or negative. Received `inputs shape=", PythonTuple(shape),
      "`, `kernel shape=", PythonTuple(kernel_shape), "`, `dilation_rate=[", window.dilation_rate,
      "]`, `strides=(", window.strides,
      ",)`, `padding=", std::string(PaddingName(window.padding.mode)), "`."));
}

absl::Status CheckRank(const Conv1DConfig& config, int64_t input_channels,
                       absl::Span<const int64_t> shape) {
  if (shape.size() == 3) return absl::OkStatus();
  if (shape.size() < 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input 0 of layer '", config.name, "' is incompatible with the layer: expected ",
        "min_ndim=3, found ndim=", shape.size(), ". Full shape received: ", PythonTuple(shape)));
  }
  const int64_t kernel_shape[] = {config.window.kernel_size, input_channels, config.filters};
  return absl::InvalidArgumentError(
      absl::StrCat("Kernel shape must have the same length as input, but received kernel of shape ",
                   PythonTuple(kernel_shape), " and input of shape ", PythonTuple(shape), "."));
}

int GluAxis(const Conv1DConfig& config) {
  return config.activation.kind == ActivationKind::kGlu ? 2 : 0;
}

absl::Status CheckGlu(const Conv1DConfig& config, absl::Span<const int64_t> shape) {
  const int axis = GluAxis(config);
  if (axis == 0 || shape[axis] == -1 || shape[axis] % 2 == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "axis size must be divisible by 2. Received: x.shape=", PythonTuple(shape), " with axis=-1"));
}

absl::StatusOr<std::vector<int64_t>> ComputeOutputShape(const Conv1DConfig& config,
                                                        absl::Span<const int64_t> shape) {
  const bool last = config.data_format == DataFormat::kChannelsLast;
  const int64_t channels = shape.empty() ? -1 : shape[last ? shape.size() - 1 : 1 % shape.size()];
  CONVOY_RETURN_IF_ERROR(CheckRank(config, channels, shape));
  const int64_t length = shape[last ? 1 : 2];
  int64_t frames = -1;
  if (length >= 0) {
    const absl::StatusOr<Frames> known = config.window.FramesFor(length);
    if (absl::IsInvalidArgument(known.status())) return EmptyOutputError(config, channels, shape);
    if (!known.ok()) return absl::InvalidArgumentError(known.status().message());
    frames = known->output;
  }
  std::vector<int64_t> output = {shape[0], last ? frames : config.filters,
                                 last ? config.filters : frames};
  CONVOY_RETURN_IF_ERROR(CheckGlu(config, output));
  if (const int axis = GluAxis(config); axis != 0 && output[axis] > 0) output[axis] /= 2;
  return output;
}

}  // namespace convoy::layer
