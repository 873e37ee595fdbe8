#include "server/management/forecast.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/checked_math.h"
#include "kernel/layer/output_shape.h"
#include "kernel/layer/python_tuple.h"

namespace convoy::management {
namespace {

using layer::Conv1D;
using layer::PaddingMode;

bool ChannelsLast(const Conv1D& layer) {
  return layer.config().data_format == layer::DataFormat::kChannelsLast;
}

// Keras' words for an input of other channels than the layer was built for.
absl::Status CheckChannels(const Conv1D& layer, absl::Span<const int64_t> shape) {
  const int axis = ChannelsLast(layer) ? 2 : 1;
  if (shape[axis] == -1 || shape[axis] == layer.input_channels()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "Input 0 of layer '", layer.config().name, "' is incompatible with the layer: expected axis ",
      axis - 3, " of input shape to have value ", layer.input_channels(),
      ", but received input with shape ", layer::PythonTuple(shape)));
}

// The padding in force, if it is the same for every length.
std::optional<layer::Frames> PaddingOfAnyLength(const layer::Window& window) {
  if (window.padding.mode == PaddingMode::kSame && window.strides > 1) return std::nullopt;
  // Long enough for a frame with any padding.
  const absl::StatusOr<layer::Frames> frames = window.FramesFor(window.extent());
  if (!frames.ok()) return std::nullopt;
  return *frames;
}

}  // namespace

absl::StatusOr<Forecast> ForecastRequest(const engine::CompiledLayer& compiled,
                                         absl::Span<const int64_t> shape) {
  const Conv1D& layer = compiled.layer();
  CONVOY_ASSIGN_OR_RETURN(const layer::InputShape input, layer.CheckInput(shape));
  const layer::Conv1DConfig& config = layer.config();
  const std::optional<int64_t> work =
      layer::CheckedMultiply(input.sequences, input.frames.output, config.filters,
                             config.window.kernel_size, layer.input_channels() / config.groups);
  if (!work.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "shape: the multiplications of ", layer::PythonTuple(shape), " do not fit in 64 bits"));
  }
  const std::array<int64_t, 3> output = layer.OutputShape(input);
  return Forecast{.input_shape = {shape.begin(), shape.end()},
                  .output_shape = {output.begin(), output.end()},
                  .multiply_accumulates = *work,
                  .seconds = compiled.EstimateSeconds(input),
                  .output_bytes = compiled.OutputBytes(input),
                  .running_bytes = compiled.RunBytes(input)};
}

absl::StatusOr<SymbolicCall> CallSymbolically(const engine::CompiledLayer& compiled,
                                              absl::Span<const int64_t> shape) {
  const Conv1D& layer = compiled.layer();
  for (const int64_t size : shape) {
    if (size >= -1) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "input_shape: expected sizes of at least 0, or -1 for one not known, got ", size));
  }
  const layer::Window& window = layer.config().window;
  SymbolicCall call;
  call.output_dtype = layer.output_dtype();
  call.receptive_field = window.extent();
  CONVOY_RETURN_IF_ERROR(layer::CheckRank(layer.config(), layer.input_channels(), shape));
  CONVOY_RETURN_IF_ERROR(CheckChannels(layer, shape));
  CONVOY_ASSIGN_OR_RETURN(call.output_shape, layer::ComputeOutputShape(layer.config(), shape));
  const int64_t length = shape[ChannelsLast(layer) ? 1 : 2];
  call.frames = PaddingOfAnyLength(window);
  if (length >= 0) {
    CONVOY_ASSIGN_OR_RETURN(call.frames, window.FramesFor(length));
  }
  if (std::none_of(shape.begin(), shape.end(), [](int64_t size) { return size == -1; })) {
    CONVOY_ASSIGN_OR_RETURN(call.forecast, ForecastRequest(compiled, shape));
  }
  return call;
}

std::vector<int64_t> ExampleShape(const Conv1D& layer) {
  constexpr int64_t kFrames = 1000;
  const int64_t length = std::max(kFrames, layer.config().window.extent());
  if (ChannelsLast(layer)) return {1, length, layer.input_channels()};
  return {1, layer.input_channels(), length};
}

}  // namespace convoy::management
