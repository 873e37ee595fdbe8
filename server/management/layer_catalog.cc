#include "server/management/layer_catalog.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/base/sha256.h"
#include "server/repository/version_files.h"

namespace convoy::management {
namespace {

namespace fs = std::filesystem;
using registry::LiveLayer;
using registry::LiveVersion;

constexpr size_t kEtagDigits = 16;

// "NAME/7/...": the error of a version.
bool IsAbout(const absl::Status& error, const std::string& place) {
  const absl::string_view message = error.message();
  return message.substr(0, place.size()) == place;
}

// stat's time, of the last change of the folder or of its newest file.
std::optional<std::chrono::system_clock::time_point> ChangeTime(
    const repository::VersionStamp& stamp) {
  int64_t latest = 0;
  for (const auto& [name, file] : stamp.files) latest = std::max(latest, file.changed_nanoseconds);
  if (latest == 0) return std::nullopt;
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::nanoseconds(latest)));
}

bool HasManifest(const repository::VersionStamp& stamp) {
  return std::any_of(stamp.files.begin(), stamp.files.end(),
                     [](const auto& file) { return file.first == repository::kManifestFile; });
}

}  // namespace

std::string LayerCatalog::Etag(const std::string& layer) const {
  int64_t newest = 0;
  if (const auto listing = repository_.ListVersions(layer);
      listing.ok() && !listing->versions.empty()) {
    newest = listing->versions.front();
  }
  const std::shared_ptr<const registry::Snapshot> snapshot = registry_.snapshot();
  const LiveLayer* const live = snapshot->FindLayer(layer);
  const bool answers = live != nullptr && !live->versions.empty();
  return EtagOf(newest, answers ? live->versions.front().get() : nullptr);
}

absl::StatusOr<std::vector<VersionEntry>> LayerCatalog::Versions(const std::string& layer) const {
  const std::shared_ptr<const registry::Snapshot> snapshot = registry_.snapshot();
  const LiveLayer* const live = snapshot->FindLayer(layer);
  const absl::StatusOr<repository::LayerListing> listing = repository_.ListVersions(layer);
  if (!listing.ok() && (live == nullptr || !absl::IsNotFound(listing.status()))) {
    if (!absl::IsNotFound(listing.status())) return listing.status();
    return absl::NotFoundError(absl::StrCat("no layer '", layer, "'"));
  }
  std::map<int64_t, VersionEntry, std::greater<>> entries;
  if (listing.ok()) {
    for (const int64_t version : listing->versions) {
      const repository::VersionStamp stamp = repository_.Stamp(layer, version);
      VersionEntry& entry = entries[version];
      entry.written_by_server = HasManifest(stamp);
      entry.changed = ChangeTime(stamp);
    }
  }
  if (live != nullptr) {
    for (const auto& version : live->versions) {
      VersionEntry& entry = entries[version->version];
      entry.state = VersionEntry::State::kLive;
      entry.checksum = version->checksums.version;
    }
    for (auto& [version, entry] : entries) {
      if (entry.state == VersionEntry::State::kLive) continue;
      for (const absl::Status& error : live->errors) {
        if (!IsAbout(error, absl::StrCat(layer, "/", version, "/"))) continue;
        entry.state = VersionEntry::State::kBroken;
        entry.error = std::string(error.message());
      }
    }
  }
  std::vector<VersionEntry> versions;
  for (auto& [version, entry] : entries) {
    entry.version = version;
    versions.push_back(std::move(entry));
  }
  return versions;
}

absl::StatusOr<WeightsFile> LayerCatalog::OpenWeights(const std::string& layer,
                                                      std::string_view version) const {
  const std::shared_ptr<const registry::Snapshot> snapshot = registry_.snapshot();
  const absl::StatusOr<const LiveVersion*> live = FindLive(*snapshot, layer, version);
  std::string number(version);
  std::string checksum;
  if (live.ok()) {
    number = (*live)->version_text;
    checksum = (*live)->checksums.weights;
  } else if (version.empty() || absl::IsUnavailable(live.status())) {
    return live.status();
  }
  const std::optional<int64_t> parsed = repository::ParseVersion(number);
  const fs::path folder = repository_.root() / layer / number;
  std::error_code error;
  if (!parsed.has_value() || !fs::is_directory(folder, error)) {
    return absl::NotFoundError(absl::StrCat("layer '", layer, "' has no version '", number, "'"));
  }
  absl::StatusOr<repository::FileSource> source =
      repository::FileSource::Open(folder / repository::kWeightsFile);
  if (absl::IsNotFound(source.status())) {
    return absl::FailedPreconditionError(absl::StrCat("layer '", layer, "', version ", number,
                                                      " has no ", repository::kWeightsFile,
                                                      ": its initializers make the weights"));
  }
  if (!source.ok()) return source.status();
  return WeightsFile{*parsed, *std::move(source), std::move(checksum)};
}

std::string EtagOf(int64_t newest, const LiveVersion* live) {
  std::string files;
  if (live != nullptr) {
    files = absl::StrCat(live->version, "\n", live->checksums.config, "\n", live->checksums.weights,
                         "\n", live->checksums.serving);
  }
  return absl::StrCat(newest, "-", Sha256Hex(files).substr(0, kEtagDigits));
}

absl::StatusOr<const LiveVersion*> FindLive(const registry::Snapshot& snapshot,
                                            std::string_view layer, std::string_view version) {
  absl::StatusOr<const LiveVersion*> live = snapshot.Find(layer, version);
  if (live.ok()) return live;
  std::string message(live.status().message());
  for (const std::string_view field : {"model_name: ", "model_version: "}) {
    if (message.starts_with(field)) message.replace(0, field.size(), "name: ");
  }
  return absl::Status(live.status().code(), message);
}

std::optional<int64_t> NewestOf(std::string_view etag) {
  int64_t newest = 0;
  const char* const end = etag.data() + etag.size();
  const auto [stop, error] = std::from_chars(etag.data(), end, newest);
  const bool good = error == std::errc() && stop != end && *stop == '-' && newest >= 0 &&
                    end - stop - 1 == static_cast<ptrdiff_t>(kEtagDigits);
  if (!good) return std::nullopt;
  return newest;
}

}  // namespace convoy::management
