#include "kernel/layer/conv1d.h"

#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/checked_math.h"
#include "kernel/layer/python_repr.h"

namespace convoy::layer {
namespace {

// Sizes must stay addressable with the widest element.
constexpr int64_t kLargestElement = 8;

absl::string_view PaddingName(const Padding& padding) {
  switch (padding.mode) {
    case PaddingMode::kSame:
      return "same";
    case PaddingMode::kCausal:
      return "causal";
    case PaddingMode::kExplicit:
      return "explicit";
    case PaddingMode::kValid:
      break;
  }
  return "valid";
}

// Copies `tensor` into `values` after checking it against what Build expects.
absl::Status ReadFloats(const Tensor& tensor, absl::string_view name,
                        absl::Span<const int64_t> expected, std::vector<float>& values) {
  if (tensor.dtype != DType::kFloat32) {
    return absl::InvalidArgumentError(absl::StrCat("weights: expected `", name,
                                                   "` of dtype float32, got ",
                                                   std::string(KerasName(tensor.dtype)), "."));
  }
  if (absl::MakeConstSpan(tensor.shape) != expected) {
    return absl::InvalidArgumentError(absl::StrCat("weights: expected `", name, "` of shape ",
                                                   PythonTuple(expected), ", got ",
                                                   PythonTuple(tensor.shape), "."));
  }
  size_t count = 1;
  for (const int64_t dimension : expected) count *= static_cast<size_t>(dimension);
  if (tensor.data.size() != count * sizeof(float)) {
    return absl::InvalidArgumentError(absl::StrCat("weights: expected ", count * sizeof(float),
                                                   " bytes of `", name, "`, got ",
                                                   tensor.data.size(), "."));
  }
  values.resize(count);
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return absl::OkStatus();
}

absl::Status CheckChannels(const Conv1DConfig& config, int64_t input_channels) {
  if (input_channels <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected at least one input channel, got ", input_channels, "."));
  }
  if (input_channels % config.groups != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("The number of input channels must be evenly divisible by the number of "
                     "groups. Received groups=",
                     config.groups, ", but the input has ", input_channels, " channels."));
  }
  const int64_t kernel_channels = input_channels / config.groups;
  if (!config.window.Fits() || !CheckedMultiply(config.window.kernel_size, kernel_channels,
                                                config.filters, kLargestElement)) {
    return absl::InvalidArgumentError(
        absl::StrCat("The kernel does not fit in 64 bits: kernel_size=", config.window.kernel_size,
                     ", dilation_rate=", config.window.dilation_rate,
                     ", input channels=", input_channels, ", filters=", config.filters, "."));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Conv1D> Conv1D::Build(Conv1DConfig config, int64_t input_channels,
                                     Conv1DWeights weights) {
  CONVOY_RETURN_IF_ERROR(CheckChannels(config, input_channels));
  if (config.use_bias != weights.bias.has_value()) {
    return absl::InvalidArgumentError(
        config.use_bias ? "weights: expected a tensor `bias` because use_bias is true, got none."
                        : "weights: expected no tensor `bias` because use_bias is false, got one.");
  }
  Conv1D layer;
  const int64_t kernel_shape[] = {config.window.kernel_size, input_channels / config.groups,
                                  config.filters};
  CONVOY_RETURN_IF_ERROR(ReadFloats(weights.kernel, "kernel", kernel_shape, layer.kernel_));
  if (weights.bias.has_value()) {
    const int64_t bias_shape[] = {config.filters};
    CONVOY_RETURN_IF_ERROR(ReadFloats(*weights.bias, "bias", bias_shape, layer.bias_));
  }
  layer.config_ = std::move(config);
  layer.input_channels_ = input_channels;
  return layer;
}

absl::Status Conv1D::CheckRank(absl::Span<const int64_t> shape) const {
  if (shape.size() == 3) return absl::OkStatus();
  if (shape.size() < 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input 0 of layer '", config_.name, "' is incompatible with the layer: expected ",
        "min_ndim=3, found ndim=", shape.size(), ". Full shape received: ", PythonTuple(shape)));
  }
  const int64_t kernel_shape[] = {config_.window.kernel_size, input_channels_, config_.filters};
  return absl::InvalidArgumentError(
      absl::StrCat("Kernel shape must have the same length as input, but received kernel of shape ",
                   PythonTuple(kernel_shape), " and input of shape ", PythonTuple(shape), "."));
}

absl::StatusOr<InputShape> Conv1D::CheckInput(absl::Span<const int64_t> shape) const {
  CONVOY_RETURN_IF_ERROR(CheckRank(shape));
  for (const int64_t dimension : shape) {
    if (dimension < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "shape: expected dimensions of 0 or more, got (", absl::StrJoin(shape, ", "), ")."));
    }
  }
  const bool channels_last = config_.data_format == DataFormat::kChannelsLast;
  const int64_t channels = shape[channels_last ? 2 : 1];
  if (channels != input_channels_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input 0 of layer '", config_.name, "' is incompatible with the layer: expected axis ",
        channels_last ? -1 : 1, " of input shape to have value ", input_channels_,
        ", but received input with shape ", PythonTuple(shape)));
  }
  const int64_t length = shape[channels_last ? 1 : 2];
  const absl::StatusOr<Frames> frames = config_.window.FramesFor(length);
  if (absl::IsInvalidArgument(frames.status())) return EmptyOutput(shape);
  if (!frames.ok() ||
      !CheckedMultiply(shape[0], length, input_channels_, kLargestElement).has_value() ||
      !CheckedMultiply(shape[0], frames->output, config_.filters, kLargestElement).has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "shape: expected dimensions whose product fits in 64 bits, got ", PythonTuple(shape), "."));
  }
  return InputShape{.sequences = shape[0], .length = length, .frames = *frames};
}

absl::Status Conv1D::EmptyOutput(absl::Span<const int64_t> shape) const {
  const Window& window = config_.window;
  const int64_t kernel_shape[] = {window.kernel_size, input_channels_, config_.filters};
  return absl::InvalidArgumentError(absl::StrCat(
      "Computed output size would be zero or negative. Received `inputs shape=", PythonTuple(shape),
      "`, `kernel shape=", PythonTuple(kernel_shape), "`, `dilation_rate=[", window.dilation_rate,
      "]`, `strides=(", window.strides, ",)`, `padding=", PaddingName(window.padding), "`."));
}

}  // namespace convoy::layer
