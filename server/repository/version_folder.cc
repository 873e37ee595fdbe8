#include "server/repository/version_folder.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/layer_json.h"
#include "server/base/sha256.h"
#include "server/base/utf8.h"
#include "server/repository/file_source.h"
#include "server/repository/layer_tensors.h"
#include "server/repository/manifest.h"
#include "server/repository/safetensors.h"
#include "server/repository/version_files.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("(", absl::StrJoin(shape, ", "), shape.size() == 1 ? ",)" : ")");
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

// What weights.safetensors says of its tensors, before they are read.
absl::Status CheckTensors(const layer::Conv1DConfig& config, const TensorMap& described) {
  CONVOY_ASSIGN_OR_RETURN(const layer::Conv1DWeights weights, TakeWeights(TensorMap(described)));
  CONVOY_ASSIGN_OR_RETURN(const int64_t channels, ChannelsOfKernel(weights.kernel, config.groups));
  return layer::CheckShapes(config, channels, weights);
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
      absl::StrCat("build_config.input_shape: expected a known number of channels, which "
                   "initialized weights need, got ",
                   shape.empty() ? "none" : ShapeText(shape)));
}

absl::Status CheckSlopes(const layer::Conv1DConfig& config, const layer::Conv1DWeights& weights) {
  if (config.activation.kind != layer::ActivationKind::kPRelu ||
      weights.activation_alpha.has_value()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "the tensor activation/alpha is missing: the slopes of a PReLU are weights");
}

absl::StatusOr<layer::Conv1D> Build(layer::Conv1DConfig config, int64_t channels,
                                    layer::Conv1DWeights weights, Constraints constraints) {
  if (constraints != Constraints::kIgnore) {
    CONVOY_RETURN_IF_ERROR(layer::CheckWeights(config, channels, weights));
  }
  if (constraints == Constraints::kApply) {
    CONVOY_RETURN_IF_ERROR(layer::ApplyConstraints(config, weights));
  } else if (constraints == Constraints::kRefuse) {
    CONVOY_RETURN_IF_ERROR(layer::CheckConstraints(config, weights));
  }
  return layer::Conv1D::Build(std::move(config), channels, std::move(weights));
}

// Reads the files of one folder; every status names the file it is about.
class Reader {
 public:
  // `place` stands before their names. `section` may be null.
  Reader(const VersionContent& content, const fs::path& place, const ServingSection* section)
      : content_(content), place_(place), section_(section) {}

  absl::StatusOr<LoadedVersion> Read(int64_t version) {
    CONVOY_RETURN_IF_ERROR(ReadManifest());
    CONVOY_ASSIGN_OR_RETURN(ServingConfig serving, ReadServing());
    if (section_ != nullptr) CONVOY_RETURN_IF_ERROR(ApplySection(*section_, serving));
    CONVOY_ASSIGN_OR_RETURN(keras::LayerFile file, ReadConfig());
    CONVOY_ASSIGN_OR_RETURN(layer::Conv1D layer, serving.initialize_seed.has_value()
                                                     ? Initialize(std::move(file), serving)
                                                     : ReadLayer(std::move(file), serving));
    LoadedVersion loaded;
    loaded.version = version;
    loaded.layer = std::make_shared<const layer::Conv1D>(std::move(layer));
    loaded.serving = serving;
    loaded.checksums = std::move(checksums_);
    loaded.checksums.version = VersionChecksum(loaded.checksums, serving);
    return loaded;
  }

 private:
  absl::Status ReadManifest() {
    const absl::StatusOr<TextFile> file = content_.ReadText(kManifestFile);
    if (absl::IsNotFound(file.status())) return absl::OkStatus();
    if (!file.ok()) return About(kManifestFile, file.status());
    absl::StatusOr<Manifest> manifest = ParseManifest(file->text);
    if (!manifest.ok()) return About(kManifestFile, manifest.status());
    manifest_ = *std::move(manifest);
    for (const auto& [name, facts] : *manifest_) {
      if (!content_.Has(name)) {
        return About(kManifestFile, absl::InvalidArgumentError(
                                        absl::StrCat("names ", name, ", which is not there")));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ServingConfig> ReadServing() {
    const absl::StatusOr<TextFile> file = content_.ReadText(kServingFile);
    if (absl::IsNotFound(file.status())) return ServingConfig();
    CONVOY_RETURN_IF_ERROR(Accept(kServingFile, file, checksums_.serving));
    absl::StatusOr<ServingConfig> config = ParseServingConfig(file->text);
    if (!config.ok()) return About(kServingFile, config.status());
    return config;
  }

  absl::StatusOr<keras::LayerFile> ReadConfig() {
    const absl::StatusOr<TextFile> file = content_.ReadText(kConfigFile);
    CONVOY_RETURN_IF_ERROR(Accept(kConfigFile, file, checksums_.config));
    absl::StatusOr<keras::LayerFile> config = keras::ParseLayer(file->text);
    if (!config.ok()) return About(kConfigFile, config.status());
    return config;
  }

  // With the weights that the layer's initializers make.
  absl::StatusOr<layer::Conv1D> Initialize(keras::LayerFile file,
                                           const ServingConfig& serving) const {
    // Also what is there and cannot be opened.
    if (!absl::IsNotFound(content_.Open(kWeightsFile).status())) {
      return About(kServingFile,
                   absl::InvalidArgumentError(absl::StrCat("weights: expected no ", kWeightsFile,
                                                           " beside \"initialize\", got one")));
    }
    absl::StatusOr<layer::Conv1D> layer = [&]() -> absl::StatusOr<layer::Conv1D> {
      CONVOY_ASSIGN_OR_RETURN(const int64_t channels, ChannelsOfBuildShape(file));
      CONVOY_ASSIGN_OR_RETURN(
          layer::Conv1DWeights weights,
          layer::InitializeWeights(file.config, channels,
                                   static_cast<uint64_t>(*serving.initialize_seed)));
      return Build(std::move(file.config), channels, std::move(weights), serving.constraints);
    }();
    if (!layer.ok()) return About(kConfigFile, layer.status());
    return layer;
  }

  absl::StatusOr<layer::Conv1D> ReadLayer(keras::LayerFile file, const ServingConfig& serving) {
    CONVOY_ASSIGN_OR_RETURN(layer::Conv1DWeights weights, ReadWeights(file.config));
    const absl::StatusOr<int64_t> channels = ChannelsOfKernel(weights.kernel, file.config.groups);
    if (!channels.ok()) return About(kWeightsFile, channels.status());
    const absl::Status slopes = CheckSlopes(file.config, weights);
    if (!slopes.ok()) return About(kWeightsFile, slopes);
    const absl::Status shape =
        CheckBuildShape(file.build_input_shape, file.config.data_format, *channels);
    if (!shape.ok()) return About(kConfigFile, shape);
    absl::StatusOr<layer::Conv1D> layer =
        Build(std::move(file.config), *channels, std::move(weights), serving.constraints);
    if (!layer.ok()) return About(kWeightsFile, layer.status());
    return layer;
  }

  absl::StatusOr<layer::Conv1DWeights> ReadWeights(const layer::Conv1DConfig& config) {
    absl::StatusOr<std::unique_ptr<SummedSource>> file = content_.Open(kWeightsFile);
    if (absl::IsNotFound(file.status())) {
      return About(kWeightsFile,
                   absl::NotFoundError(absl::StrCat(
                       "no such file; weights are initialized only where ", kServingFile,
                       R"( says {"weights": {"initialize": {"seed": 7}}})")));
    }
    if (!file.ok()) return About(kWeightsFile, file.status());
    absl::StatusOr<TensorMap> tensors = ReadSafetensors(
        **file, [&](const TensorMap& described) { return CheckTensors(config, described); });
    if (!tensors.ok()) return About(kWeightsFile, tensors.status());
    checksums_.weights = (*file)->Checksum();
    CONVOY_RETURN_IF_ERROR(CheckManifest(kWeightsFile, {(*file)->size(), checksums_.weights}));
    absl::StatusOr<layer::Conv1DWeights> weights = TakeWeights(*std::move(tensors));
    if (!weights.ok()) return About(kWeightsFile, weights.status());
    return weights;
  }

  // Takes over the checksum of a file that was read.
  absl::Status Accept(const char* name, const absl::StatusOr<TextFile>& file,
                      std::string& checksum) const {
    if (!file.ok()) return About(name, file.status());
    checksum = file->checksum;
    return CheckManifest(name, {static_cast<int64_t>(file->text.size()), checksum});
  }

  absl::Status CheckManifest(const char* name, const FileFacts& facts) const {
    if (!manifest_.has_value()) return absl::OkStatus();
    const absl::Status same = CheckFile(*manifest_, name, facts);
    return same.ok() ? same : About(name, same);
  }

  absl::Status About(const char* file, const absl::Status& status) const {
    // A missing file breaks the version; NOT_FOUND would say it of the version.
    const absl::StatusCode code =
        absl::IsNotFound(status) ? absl::StatusCode::kInvalidArgument : status.code();
    return absl::Status(code,
                        Printable(absl::StrCat((place_ / file).string(), ": ", status.message())));
  }

  const VersionContent& content_;
  const fs::path& place_;
  std::optional<Manifest> manifest_;
  const ServingSection* const section_;  // perhaps null
  Checksums checksums_;
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

std::string VersionChecksum(const Checksums& checksums, const ServingConfig& serving) {
  const nlohmann::ordered_json options = ToJson(serving);
  std::string text = absl::StrCat(checksums.config, "\n", checksums.weights, "\n");
  for (const char* const key : {"constraints", "deterministic", "weights"}) {
    if (options.contains(key)) absl::StrAppend(&text, key, "=", options[key].dump(), "\n");
  }
  if (serving.direct) absl::StrAppend(&text, "algorithm=\"direct\"\n");
  return Sha256Hex(text);
}

absl::StatusOr<LoadedVersion> ReadVersionFolder(const fs::path& root, const fs::path& relative,
                                                int64_t version, const std::stop_token& stop,
                                                const ServingSection* section) {
  return Reader(FolderContent(root / relative, stop), relative, section).Read(version);
}

absl::StatusOr<LoadedVersion> ReadVersionContent(const VersionContent& content,
                                                 const fs::path& place, int64_t version,
                                                 const ServingSection* section) {
  return Reader(content, place, section).Read(version);
}

}  // namespace convoy::repository
