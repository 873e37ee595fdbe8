#include "server/management/base_version.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/repository/file_source.h"
#include "server/repository/version_files.h"

namespace convoy::management {
namespace {

namespace fs = std::filesystem;
using registry::LiveVersion;

// A file that need not be there, and its checksum; both empty if it is not.
absl::StatusOr<repository::TextFile> ReadText(const fs::path& path) {
  absl::StatusOr<repository::TextFile> file =
      repository::ReadTextFile(path, repository::kMaxJsonBytes);
  if (absl::IsNotFound(file.status())) return repository::TextFile();
  return file;
}

absl::StatusOr<FileBytes> ReadWeightsFile(const fs::path& path, std::string& checksum) {
  absl::StatusOr<repository::FileSource> source = repository::FileSource::Open(path);
  if (absl::IsNotFound(source.status())) return FileBytes();
  if (!source.ok()) return source.status();
  std::string bytes(source->size(), '\0');
  CONVOY_RETURN_IF_ERROR(source->Read(bytes.data(), source->size()));
  checksum = source->Checksum();
  return std::make_shared<const std::string>(std::move(bytes));
}

absl::Status ReadFiles(const fs::path& folder, repository::Checksums& checksums, Draft& files) {
  CONVOY_ASSIGN_OR_RETURN(repository::TextFile config, ReadText(folder / repository::kConfigFile));
  CONVOY_ASSIGN_OR_RETURN(repository::TextFile serving,
                          ReadText(folder / repository::kServingFile));
  CONVOY_ASSIGN_OR_RETURN(files.weights,
                          ReadWeightsFile(folder / repository::kWeightsFile, checksums.weights));
  files.config = std::move(config.text);
  checksums.config = std::move(config.checksum);
  files.serving = std::move(serving.text);
  checksums.serving = std::move(serving.checksum);
  return absl::OkStatus();
}

bool AreThoseOf(const LiveVersion& live, const repository::Checksums& read) {
  return live.checksums.config == read.config && live.checksums.weights == read.weights &&
         live.checksums.serving == read.serving;
}

}  // namespace

absl::StatusOr<BaseVersion> ReadBaseVersion(const std::string& layer,
                                            const registry::Registry& registry,
                                            const repository::ModelRepository& repository) {
  const std::shared_ptr<const registry::Snapshot> snapshot = registry.snapshot();
  const registry::LiveLayer* const known = snapshot->FindLayer(layer);
  const LiveVersion* const live =
      known != nullptr && !known->versions.empty() ? known->versions.front().get() : nullptr;
  const absl::StatusOr<repository::LayerListing> listing = repository.ListVersions(layer);
  if (absl::IsNotFound(listing.status()) && live == nullptr) {
    return absl::NotFoundError(absl::StrCat("name: no layer '", layer, "'"));
  }
  if (!listing.ok() && !absl::IsNotFound(listing.status())) return listing.status();
  BaseVersion base;
  if (listing.ok() && !listing->versions.empty()) base.newest = listing->versions.front();
  if (live == nullptr && base.newest == 0) return base;
  const int64_t version = live != nullptr ? live->version : base.newest;
  const fs::path folder = repository.root() / layer / absl::StrCat(version);
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "version ", version, " of layer '", layer,
        "' is not on the disk; write the layer with CreateLayer, or load it from its folder"));
  }
  repository::Checksums checksums;
  CONVOY_RETURN_IF_ERROR(ReadFiles(folder, checksums, base.files));
  if (live == nullptr) return base;
  base.channels = live->layer->input_channels();
  if (AreThoseOf(*live, checksums)) return base;
  return absl::AbortedError(absl::StrCat("the files of version ", version, " of layer '", layer,
                                         "' were changed since it was loaded"));
}

absl::StatusOr<Draft> ReadVersionFiles(const repository::ModelRepository& repository,
                                       const std::string& layer, int64_t version) {
  repository::Checksums checksums;
  Draft files;
  CONVOY_RETURN_IF_ERROR(
      ReadFiles(repository.root() / layer / absl::StrCat(version), checksums, files));
  return files;
}

}  // namespace convoy::management
