#include "server/management/layer_changes.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/keras/layer_json.h"
#include "server/repository/layer_name.h"
#include "server/repository/layer_tensors.h"
#include "server/repository/version_files.h"

namespace convoy::management {
namespace {

using std::chrono::steady_clock;

// For other writers, those of other processes included.
constexpr std::chrono::seconds kWait{30};

absl::StatusOr<keras::LayerFile> ParseConfig(const std::string& config) {
  absl::StatusOr<keras::LayerFile> file = keras::ParseLayer(config);
  if (file.ok()) return file;
  return absl::Status(file.status().code(),
                      absl::StrCat("layer.config: ", file.status().message()));
}

std::vector<repository::NewFile> FilesOf(
    std::vector<std::pair<std::string, repository::MemorySource>>& sources) {
  std::vector<repository::NewFile> files;
  files.reserve(sources.size());
  for (auto& [name, source] : sources) files.push_back({name, source});
  return files;
}

std::vector<std::pair<std::string, repository::MemorySource>> SourcesOf(const Draft& draft) {
  std::vector<std::pair<std::string, repository::MemorySource>> sources;
  sources.emplace_back(repository::kConfigFile, repository::MemorySource(draft.config));
  if (draft.weights != nullptr) {
    sources.emplace_back(repository::kWeightsFile, repository::MemorySource(*draft.weights));
  }
  if (!draft.serving.empty()) {
    sources.emplace_back(repository::kServingFile, repository::MemorySource(draft.serving));
  }
  return sources;
}

absl::Status AlreadyExists(const std::string& layer) {
  return absl::AlreadyExistsError(absl::StrCat("layer_id: there is a layer '", layer, "'"));
}

}  // namespace

absl::Status LayerChanges::CheckWritable() const {
  if (parts_.editor == nullptr) {
    return absl::FailedPreconditionError(
        "the server does not write its repository: start it with --repository-mode managed");
  }
  if (parts_.registry.snapshot()->complete()) return absl::OkStatus();
  return absl::UnavailableError("the server is starting");
}

absl::Status LayerChanges::CheckEtag(const std::string& layer, const std::string& etag) const {
  if (etag.empty()) return absl::OkStatus();
  if (!NewestOf(etag).has_value()) {
    return absl::InvalidArgumentError("etag: expected one that GetLayer answered");
  }
  if (parts_.catalog.Etag(layer) == etag) return absl::OkStatus();
  return absl::AbortedError("etag: the layer was changed meanwhile; get it again");
}

absl::Status LayerChanges::SetWeights(const LayerEdit& edit, const BaseVersion& base,
                                      Draft& draft) const {
  CONVOY_ASSIGN_OR_RETURN(const keras::LayerFile file, ParseConfig(draft.config));
  WeightsSource source = edit.weights;
  if (std::holds_alternative<std::monostate>(source)) {
    const bool needed =
        edit.lora.has_value() || edit.constraints != repository::Constraints::kIgnore;
    if (draft.weights != nullptr || !needed) return absl::OkStatus();
    // They are made when the version is read; now they are written.
    CONVOY_ASSIGN_OR_RETURN(
        const repository::ServingConfig serving,
        repository::ParseServingConfig(draft.serving.empty() ? "{}" : draft.serving));
    if (!serving.initialize_seed.has_value()) {
      return absl::InvalidArgumentError("weights: the layer has none; give it some");
    }
    source = InitializedWeights{.seed = *serving.initialize_seed};
  }
  CONVOY_RETURN_IF_ERROR(ForgetInitializers(draft));
  if (const auto* bytes = std::get_if<FileBytes>(&source)) {
    draft.weights = *bytes;
  } else if (const auto* tensors = std::get_if<repository::TensorMap>(&source)) {
    draft.weights = std::make_shared<const std::string>(repository::WriteSafetensors(*tensors));
  } else if (const auto* uploaded = std::get_if<UploadedWeights>(&source)) {
    CONVOY_ASSIGN_OR_RETURN(draft.weights, parts_.uploads.Find(uploaded->sha256));
  } else if (const auto* made = std::get_if<InitializedWeights>(&source)) {
    CONVOY_ASSIGN_OR_RETURN(draft.weights,
                            Initialize(*made, file, base.channels, parts_.uploads.max_bytes()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Draft> LayerChanges::Apply(const LayerEdit& edit, const BaseVersion& base) const {
  Draft draft = base.files;
  if (edit.config.has_value()) draft.config = *edit.config;
  if (draft.config.empty()) {
    return absl::InvalidArgumentError(
        "layer.config: expected a Keras layer as JSON text, got none");
  }
  CONVOY_RETURN_IF_ERROR(PatchServing(edit.serving, edit.replace_serving, draft));
  CONVOY_RETURN_IF_ERROR(SetWeights(edit, base, draft));
  if (edit.constraints != repository::Constraints::kIgnore) {
    CONVOY_ASSIGN_OR_RETURN(const keras::LayerFile file, ParseConfig(draft.config));
    CONVOY_ASSIGN_OR_RETURN(draft.weights, Constrain(draft.weights, file, edit.constraints));
  }
  if (edit.lora.has_value()) {
    CONVOY_RETURN_IF_ERROR(EnableLora(*edit.lora, parts_.uploads.max_bytes(), draft));
  }
  return draft;
}

absl::StatusOr<Written> LayerChanges::Write(const std::string& layer, const Draft& draft,
                                            int64_t newest, Deadline deadline) const {
  auto sources = SourcesOf(draft);
  CONVOY_ASSIGN_OR_RETURN(const int64_t version,
                          parts_.editor->CreateVersion(layer, FilesOf(sources),
                                                       {.newest = newest, .deadline = deadline}));
  return Found(layer, version, draft);
}

absl::StatusOr<Written> LayerChanges::PreviewOf(const std::string& layer, int64_t version,
                                                const Draft& draft) const {
  CONVOY_RETURN_IF_ERROR(repository::CheckNewLayerName(layer));
  Written written;
  written.version = version;
  CONVOY_ASSIGN_OR_RETURN(written.live,
                          Preview(layer, version, draft, parts_.repository.SectionOf(layer)));
  written.warnings = Warnings(draft, *written.live->layer, written.live->serving);
  return written;
}

Written LayerChanges::Found(const std::string& layer, int64_t version, const Draft& draft) const {
  Written written;
  written.version = version;
  const std::shared_ptr<const registry::Snapshot> snapshot = parts_.registry.snapshot();
  if (const registry::LiveLayer* const found = snapshot->FindLayer(layer)) {
    for (const auto& live : found->versions) {
      if (live->version == version) written.live = live;
    }
  }
  if (written.live != nullptr) {
    written.warnings = Warnings(draft, *written.live->layer, written.live->serving);
  } else {
    written.warnings.emplace_back(
        "the version is on the disk and does not answer: a newer one does, or the layer is "
        "unloaded");
  }
  return written;
}

absl::StatusOr<Written> LayerChanges::Create(const std::string& layer, const LayerEdit& edit,
                                             bool validate_only) const {
  CONVOY_RETURN_IF_ERROR(CheckWritable());
  CONVOY_RETURN_IF_ERROR(repository::CheckNewLayerName(layer));
  if (std::holds_alternative<std::monostate>(edit.weights)) {
    return absl::InvalidArgumentError(
        "weights: expected one of safetensors, tensors, uploaded_sha256 and initialize, got none");
  }
  if (!absl::IsNotFound(parts_.repository.ListVersions(layer).status())) {
    return AlreadyExists(layer);
  }
  CONVOY_ASSIGN_OR_RETURN(const Draft draft, Apply(edit, {}));
  if (validate_only) return PreviewOf(layer, 1, draft);
  return Write(layer, draft, 0, steady_clock::now() + kWait);
}

absl::StatusOr<Written> LayerChanges::Update(const std::string& layer, const LayerEdit& edit,
                                             const WriteOptions& options) const {
  CONVOY_RETURN_IF_ERROR(CheckWritable());
  const Deadline deadline = steady_clock::now() + kWait;
  while (true) {
    CONVOY_ASSIGN_OR_RETURN(const BaseVersion base,
                            ReadBaseVersion(layer, parts_.registry, parts_.repository));
    // After the files were read: what changed meanwhile shows.
    CONVOY_RETURN_IF_ERROR(CheckEtag(layer, options.etag));
    CONVOY_ASSIGN_OR_RETURN(const Draft draft, Apply(edit, base));
    if (options.validate_only) return PreviewOf(layer, base.newest + 1, draft);
    absl::StatusOr<Written> written = Write(layer, draft, base.newest, deadline);
    // Somebody else was faster; their change stays.
    const bool again =
        absl::IsAborted(written.status()) && options.etag.empty() && steady_clock::now() < deadline;
    if (!again) return written;
  }
}

absl::StatusOr<Written> LayerChanges::Rollback(const std::string& layer, int64_t version,
                                               const WriteOptions& options) const {
  CONVOY_RETURN_IF_ERROR(CheckWritable());
  if (version < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("version: expected a version to go back to, got ", version));
  }
  const absl::StatusOr<repository::LayerListing> listing = parts_.repository.ListVersions(layer);
  if (absl::IsNotFound(listing.status())) {
    return absl::NotFoundError(absl::StrCat("name: no layer '", layer, "'"));
  }
  if (!listing.ok()) return listing.status();
  const auto& versions = listing->versions;
  if (std::find(versions.begin(), versions.end(), version) == versions.end()) {
    return absl::NotFoundError(
        absl::StrCat("version: layer '", layer, "' has no version ", version, " on the disk"));
  }
  CONVOY_RETURN_IF_ERROR(CheckEtag(layer, options.etag));
  Draft old;
  repository::WriteCondition condition{.deadline = steady_clock::now() + kWait};
  if (!options.etag.empty()) condition.newest = NewestOf(options.etag);
  if (options.validate_only) {
    CONVOY_ASSIGN_OR_RETURN(old, ReadVersionFiles(parts_.repository, layer, version));
    return PreviewOf(layer, versions.front() + 1, old);
  }
  CONVOY_ASSIGN_OR_RETURN(const int64_t fresh, parts_.editor->Rollback(layer, version, condition));
  CONVOY_ASSIGN_OR_RETURN(old, ReadVersionFiles(parts_.repository, layer, fresh));
  return Found(layer, fresh, old);
}

absl::StatusOr<std::vector<int64_t>> LayerChanges::Delete(const std::string& layer,
                                                          bool with_foreign,
                                                          const WriteOptions& options) const {
  CONVOY_RETURN_IF_ERROR(CheckWritable());
  const absl::StatusOr<repository::LayerListing> listing = parts_.repository.ListVersions(layer);
  if (absl::IsNotFound(listing.status())) {
    return absl::NotFoundError(absl::StrCat("name: no layer '", layer, "' on the disk"));
  }
  if (!listing.ok()) return listing.status();
  CONVOY_RETURN_IF_ERROR(CheckEtag(layer, options.etag));
  repository::WriteCondition condition{.deadline = steady_clock::now() + kWait};
  if (!options.etag.empty()) condition.newest = NewestOf(options.etag);
  absl::Status done = options.validate_only
                          ? parts_.editor->CheckDelete(layer, with_foreign, condition)
                          : parts_.editor->Delete(layer, with_foreign, condition);
  if (absl::IsFailedPrecondition(done) && !with_foreign) {
    done = absl::FailedPreconditionError(
        absl::StrCat(done.message(), "; delete_foreign deletes that too"));
  }
  if (!done.ok()) return done;
  return listing->versions;
}

}  // namespace convoy::management
