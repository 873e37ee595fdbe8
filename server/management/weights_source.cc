#include "server/management/weights_source.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/checked_math.h"
#include "kernel/layer/tensor_values.h"
#include "server/repository/byte_source.h"
#include "server/repository/layer_tensors.h"

namespace convoy::management {
namespace {

using layer::Conv1DConfig;
using layer::Conv1DWeights;

bool ChannelsLast(const Conv1DConfig& config) {
  return config.data_format == layer::DataFormat::kChannelsLast;
}

// Dimension `last` or `first` of what the layer was built for; nothing if not known.
std::optional<int64_t> BuiltFor(const keras::LayerFile& layer, int last, int first) {
  const std::vector<int64_t>& shape = layer.build_input_shape;
  if (shape.size() != 3) return std::nullopt;
  const int64_t size = shape[ChannelsLast(layer.config) ? last : first];
  return size > 0 ? std::optional(size) : std::nullopt;
}

absl::StatusOr<int64_t> Channels(const InitializedWeights& wanted, const keras::LayerFile& layer,
                                 int64_t channels) {
  if (wanted.input_channels > 0) return wanted.input_channels;
  if (const std::optional<int64_t> built_for = BuiltFor(layer, 2, 1)) return *built_for;
  if (channels > 0) return channels;
  return absl::InvalidArgumentError(
      "weights.initialize.input_channels: expected a number of channels, which the config does "
      "not tell, got 0");
}

// Frames of the answer that slopes which are not shared are for.
absl::StatusOr<int64_t> FramesOfSlopes(const keras::LayerFile& layer) {
  const std::optional<int64_t> length = BuiltFor(layer, 1, 2);
  if (!length.has_value()) {
    return absl::InvalidArgumentError(
        "layer.config: the slopes of this PReLU differ from frame to frame, so initializing them "
        "needs a known length in build_config.input_shape");
  }
  CONVOY_ASSIGN_OR_RETURN(const layer::Frames frames, layer.config.window.FramesFor(*length));
  return frames.output;
}

absl::StatusOr<layer::Tensor> MakeSlopes(const keras::LayerFile& layer, uint64_t seed,
                                         int64_t max_bytes) {
  constexpr uint64_t kStreamsPerSeed = 16, kStream = 4;
  const Conv1DConfig& config = layer.config;
  const bool last = ChannelsLast(config);
  const auto shared = [&config](int axis) { return (config.activation.axes >> axis & 1) != 0; };
  const int64_t channels = shared(last ? 2 : 1) ? 1 : config.filters;
  int64_t frames = 1;
  if (!shared(last ? 1 : 2)) {
    CONVOY_ASSIGN_OR_RETURN(frames, FramesOfSlopes(layer));
  }
  std::vector<int64_t> shape = {last ? frames : channels, last ? channels : frames};
  CONVOY_RETURN_IF_ERROR(CheckMaking(layer::kActivationAlphaName, shape, max_bytes));
  layer::Initializer initializer;
  if (config.activation_layer.has_value()) {
    initializer = config.activation_layer->slope_initializer.value_or(initializer);
  }
  CONVOY_ASSIGN_OR_RETURN(const std::vector<double> values,
                          layer::Initialize(initializer, shape, seed * kStreamsPerSeed + kStream));
  return layer::FromDoubles(config.dtype_policy.variable_dtype, std::move(shape), values);
}

// C, as the kernel's shape tells it.
absl::StatusOr<int64_t> ChannelsOf(const Conv1DWeights& weights, const Conv1DConfig& config) {
  const std::vector<int64_t>& shape = weights.kernel.shape;
  const std::optional<int64_t> channels =
      shape.size() == 3 ? layer::CheckedMultiply(shape[1], config.groups) : std::nullopt;
  if (channels.has_value()) return *channels;
  return absl::InvalidArgumentError(
      "kernel: expected shape (kernel_size, channels / groups, filters)");
}

absl::Status About(const char* field, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(field, ": ", status.message()));
}

}  // namespace

absl::StatusOr<FileBytes> Initialize(const InitializedWeights& wanted,
                                     const keras::LayerFile& layer, int64_t channels,
                                     int64_t max_bytes) {
  if (wanted.seed < 0 || wanted.input_channels < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("weights.initialize: expected seed and input_channels of at least 0, got ",
                     wanted.seed, " and ", wanted.input_channels));
  }
  CONVOY_ASSIGN_OR_RETURN(const int64_t input_channels, Channels(wanted, layer, channels));
  CONVOY_RETURN_IF_ERROR(
      CheckMaking(layer::kKernelName, layer::KernelShape(layer.config, input_channels), max_bytes));
  const auto seed = static_cast<uint64_t>(wanted.seed);
  absl::StatusOr<Conv1DWeights> weights =
      layer::InitializeWeights(layer.config, input_channels, seed);
  if (!weights.ok()) return About("weights.initialize", weights.status());
  if (layer.config.activation.kind == layer::ActivationKind::kPRelu) {
    CONVOY_ASSIGN_OR_RETURN(weights->activation_alpha, MakeSlopes(layer, seed, max_bytes));
  }
  return ToFile(*std::move(weights));
}

absl::Status CheckMaking(std::string_view name, absl::Span<const int64_t> shape,
                         int64_t max_bytes) {
  int64_t bytes = sizeof(double);  // they are made as these
  for (const int64_t size : shape) {
    if (!__builtin_mul_overflow(bytes, size, &bytes) && bytes <= max_bytes) continue;
    return absl::ResourceExhaustedError(absl::StrCat(absl::string_view(name.data(), name.size()),
                                                     ": making it takes more than ", max_bytes,
                                                     " bytes (--max-upload-bytes)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<FileBytes> Constrain(const FileBytes& file, const keras::LayerFile& layer,
                                    repository::Constraints constraints) {
  if (constraints == repository::Constraints::kIgnore) return file;
  CONVOY_ASSIGN_OR_RETURN(Conv1DWeights weights, ReadWeights(file, layer.config));
  if (constraints == repository::Constraints::kRefuse) {
    CONVOY_RETURN_IF_ERROR(layer::CheckConstraints(layer.config, weights));
    return file;
  }
  CONVOY_RETURN_IF_ERROR(layer::ApplyConstraints(layer.config, weights));
  return ToFile(std::move(weights));
}

absl::StatusOr<Conv1DWeights> ReadWeights(const FileBytes& file, const Conv1DConfig& config) {
  repository::MemorySource source(*file);
  absl::StatusOr<repository::TensorMap> tensors = repository::ReadSafetensors(source);
  if (!tensors.ok()) return About("weights", tensors.status());
  absl::StatusOr<Conv1DWeights> weights = repository::TakeWeights(*std::move(tensors));
  if (!weights.ok()) return About("weights", weights.status());
  const absl::StatusOr<int64_t> channels = ChannelsOf(*weights, config);
  const absl::Status good =
      channels.ok() ? layer::CheckWeights(config, *channels, *weights) : channels.status();
  if (!good.ok()) return About("weights", good);
  return weights;
}

FileBytes ToFile(Conv1DWeights&& weights) {
  return std::make_shared<const std::string>(
      repository::WriteSafetensors(repository::TakeTensors(std::move(weights))));
}

}  // namespace convoy::management
