#include "server/repository/version_folder.h"

#include <charconv>
#include <fstream>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/layer_json.h"
#include "server/repository/safetensors.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kConfigFile = "config.json";
constexpr std::string_view kWeightsFile = "weights.safetensors";
constexpr std::string_view kServingFile = "serving.json";

// Configs are a few kilobytes; far larger is a mistake, refused unread.
constexpr uintmax_t kMaxJsonBytes = uintmax_t{16} << 20;

absl::StatusOr<std::string> ReadText(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return absl::NotFoundError("no such file");
  if (!fs::is_regular_file(status)) return absl::InvalidArgumentError("not a regular file");
  const uintmax_t size = fs::file_size(path, error);
  if (error) return absl::UnavailableError(error.message());
  if (size > kMaxJsonBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected at most ", kMaxJsonBytes, " bytes, got ", size));
  }
  std::string text(size, '\0');
  std::ifstream stream(path, std::ios::binary);
  stream.read(text.data(), static_cast<std::streamsize>(size));
  if (!stream) return absl::UnavailableError("the file cannot be read");
  return text;
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("(", absl::StrJoin(shape, ", "), shape.size() == 1 ? ",)" : ")");
}

// The tensors a Conv1D takes; any other is refused by name.
absl::StatusOr<layer::Conv1DWeights> TakeWeights(TensorMap&& tensors) {
  layer::Conv1DWeights weights;
  bool has_kernel = false;
  for (auto& [name, tensor] : tensors) {
    if (name == "kernel") {
      weights.kernel = std::move(tensor);
      has_kernel = true;
    } else if (name == "bias") {
      weights.bias = std::move(tensor);
    } else if (name == layer::kLoraAName) {
      weights.lora_kernel_a = std::move(tensor);
    } else if (name == layer::kLoraBName) {
      weights.lora_kernel_b = std::move(tensor);
    } else if (name == layer::kActivationAlphaName) {
      weights.activation_alpha = std::move(tensor);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown tensor \"", name, "\"; expected kernel and bias"));
    }
  }
  if (!has_kernel) return absl::InvalidArgumentError("the tensor kernel is missing");
  return weights;
}

// C, as the kernel's shape (K, C / groups, F) tells it.
absl::StatusOr<int64_t> ChannelsOfKernel(const layer::Tensor& kernel, int64_t groups) {
  int64_t channels = 0;
  if (kernel.shape.size() != 3 || __builtin_mul_overflow(kernel.shape[1], groups, &channels)) {
    return absl::InvalidArgumentError(
        absl::StrCat("kernel: expected shape (kernel_size, channels / groups, filters), got ",
                     ShapeText(kernel.shape)));
  }
  return channels;
}

// `build_shape` is what the layer was built for, -1 for unknown dimensions.
absl::Status CheckBuildShape(const std::vector<int64_t>& build_shape, layer::DataFormat format,
                             int64_t channels) {
  if (build_shape.empty()) return absl::OkStatus();
  if (build_shape.size() != 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        "build_config.input_shape: expected 3 dimensions, got ", ShapeText(build_shape)));
  }
  const int64_t built_for = build_shape[format == layer::DataFormat::kChannelsLast ? 2 : 1];
  if (built_for == -1 || built_for == channels) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("build_config.input_shape: expected ", channels,
                                                 " channels as in the kernel, got ",
                                                 ShapeText(build_shape)));
}

// C, as the shape that the layer was built for tells it.
absl::StatusOr<int64_t> ChannelsOfBuildShape(const keras::LayerFile& file) {
  const std::vector<int64_t>& shape = file.build_input_shape;
  const size_t axis = file.config.data_format == layer::DataFormat::kChannelsLast ? 2 : 1;
  if (shape.size() == 3 && shape[axis] > 0) return shape[axis];
  return absl::InvalidArgumentError(
      absl::StrCat("no such file; a layer without weights needs build_config.input_shape with a "
                   "known number of channels in config.json, got ",
                   shape.empty() ? "none" : ShapeText(shape)));
}

// Reads the files of one folder; every status names the file it is about.
class Reader {
 public:
  Reader(const fs::path& root, const fs::path& relative) : root_(root), relative_(relative) {}

  absl::StatusOr<ServingConfig> ReadServing() const {
    absl::StatusOr<std::string> text = ReadText(Path(kServingFile));
    if (absl::IsNotFound(text.status())) return ServingConfig();
    if (!text.ok()) return About(kServingFile, text.status());
    absl::StatusOr<ServingConfig> config = ParseServingConfig(*text);
    if (!config.ok()) return About(kServingFile, config.status());
    return config;
  }

  absl::StatusOr<layer::Conv1D> ReadLayer(Constraints constraints) const {
    CONVOY_ASSIGN_OR_RETURN(keras::LayerFile file, ReadConfig());
    std::error_code error;
    const bool initialize = !fs::exists(Path(kWeightsFile), error) && !error;
    // What a complaint about the weights is about.
    const std::string_view source = initialize ? kConfigFile : kWeightsFile;
    CONVOY_ASSIGN_OR_RETURN(Variables variables,
                            initialize ? InitializeVariables(file) : ReadVariables(file));
    absl::StatusOr<layer::Conv1D> layer =
        BuildLayer(std::move(file.config), std::move(variables), constraints);
    if (!layer.ok()) return About(source, layer.status());
    return layer;
  }

 private:
  struct Variables {
    int64_t channels = 0;
    layer::Conv1DWeights weights;
  };

  // As the layer's initializers make them.
  absl::StatusOr<Variables> InitializeVariables(const keras::LayerFile& file) const {
    const absl::StatusOr<int64_t> channels = ChannelsOfBuildShape(file);
    if (!channels.ok()) return About(kWeightsFile, channels.status());
    absl::StatusOr<layer::Conv1DWeights> weights = layer::InitializeWeights(file.config, *channels);
    if (!weights.ok()) return About(kConfigFile, weights.status());
    return Variables{*channels, *std::move(weights)};
  }

  absl::StatusOr<Variables> ReadVariables(const keras::LayerFile& file) const {
    CONVOY_ASSIGN_OR_RETURN(layer::Conv1DWeights weights, ReadWeights());
    const absl::StatusOr<int64_t> channels = ChannelsOfKernel(weights.kernel, file.config.groups);
    if (!channels.ok()) return About(kWeightsFile, channels.status());
    const absl::Status shape =
        CheckBuildShape(file.build_input_shape, file.config.data_format, *channels);
    if (!shape.ok()) return About(kConfigFile, shape);
    return Variables{*channels, std::move(weights)};
  }

  static absl::StatusOr<layer::Conv1D> BuildLayer(layer::Conv1DConfig config, Variables variables,
                                                  Constraints constraints) {
    if (constraints != Constraints::kIgnore) {
      CONVOY_RETURN_IF_ERROR(layer::CheckWeights(config, variables.channels, variables.weights));
    }
    if (constraints == Constraints::kApply) {
      CONVOY_RETURN_IF_ERROR(layer::ApplyConstraints(config, variables.weights));
    } else if (constraints == Constraints::kRefuse) {
      CONVOY_RETURN_IF_ERROR(layer::CheckConstraints(config, variables.weights));
    }
    return layer::Conv1D::Build(std::move(config), variables.channels,
                                std::move(variables.weights));
  }

  fs::path Path(std::string_view file) const { return root_ / relative_ / file; }

  absl::Status About(std::string_view file, const absl::Status& status) const {
    // A missing file breaks the version; NOT_FOUND would say it of the version.
    const absl::StatusCode code =
        absl::IsNotFound(status) ? absl::StatusCode::kInvalidArgument : status.code();
    return absl::Status(code, absl::StrCat((relative_ / file).string(), ": ", status.message()));
  }

  absl::StatusOr<keras::LayerFile> ReadConfig() const {
    const absl::StatusOr<std::string> text = ReadText(Path(kConfigFile));
    if (!text.ok()) return About(kConfigFile, text.status());
    absl::StatusOr<keras::LayerFile> file = keras::ParseLayer(*text);
    if (!file.ok()) return About(kConfigFile, file.status());
    return file;
  }

  absl::StatusOr<layer::Conv1DWeights> ReadWeights() const {
    absl::StatusOr<TensorMap> tensors = ReadSafetensorsFile(Path(kWeightsFile));
    if (!tensors.ok()) return About(kWeightsFile, tensors.status());
    absl::StatusOr<layer::Conv1DWeights> weights = TakeWeights(*std::move(tensors));
    if (!weights.ok()) return About(kWeightsFile, weights.status());
    return weights;
  }

  const fs::path& root_;
  const fs::path& relative_;
};

}  // namespace

std::optional<int64_t> ParseVersion(std::string_view folder_name) {
  if (folder_name.empty() || folder_name.front() < '1' || folder_name.front() > '9') {
    return std::nullopt;
  }
  int64_t version = 0;
  const char* const end = folder_name.data() + folder_name.size();
  const auto [stop, error] = std::from_chars(folder_name.data(), end, version);
  if (error != std::errc() || stop != end) return std::nullopt;
  return version;
}

absl::StatusOr<LoadedVersion> ReadVersionFolder(const fs::path& root, const fs::path& relative,
                                                int64_t version) {
  const Reader reader(root, relative);
  CONVOY_ASSIGN_OR_RETURN(const ServingConfig serving, reader.ReadServing());
  CONVOY_ASSIGN_OR_RETURN(layer::Conv1D layer, reader.ReadLayer(serving.constraints));
  return LoadedVersion{version, std::make_shared<const layer::Conv1D>(std::move(layer)), serving};
}

}  // namespace convoy::repository
