#include "server/repository/model_repository.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <system_error>

#include "absl/container/btree_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/repository/layer_name.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

// The names of the folders in `folder`, sorted. Follows links: a mounted
// configuration volume is made of them.
absl::StatusOr<std::vector<std::string>> SubFolders(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    std::error_code not_there;  // a link to nowhere is no folder
    if (name.front() != '.' && it->is_directory(not_there)) names.push_back(std::move(name));
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat("the folder cannot be read: ", error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Newest first. Folders that are no version are reported to `errors`.
using VersionFolders = absl::btree_map<int64_t, std::string, std::greater<int64_t>>;

VersionFolders PickVersions(const std::string& layer, const std::vector<std::string>& folders,
                            std::vector<absl::Status>& errors) {
  VersionFolders versions;
  for (const std::string& folder : folders) {
    if (const std::optional<int64_t> version = ParseVersion(folder)) {
      versions.emplace(*version, folder);
    } else {
      errors.push_back(absl::InvalidArgumentError(
          absl::StrCat(layer, "/", absl::Utf8SafeCHexEscape(folder),
                       ": expected a version, a positive whole number without leading zeros")));
    }
  }
  return versions;
}

}  // namespace

absl::StatusOr<ModelRepository> ModelRepository::Open(fs::path root) {
  std::error_code error;
  const fs::file_status status = fs::status(root, error);
  if (status.type() == fs::file_type::not_found) {
    return absl::NotFoundError(absl::StrCat("repository ", root.string(), ": no such folder"));
  }
  if (!fs::exists(status)) {
    return absl::UnavailableError(
        absl::StrCat("repository ", root.string(), ": ", error.message()));
  }
  if (!fs::is_directory(status)) {
    return absl::InvalidArgumentError(absl::StrCat("repository ", root.string(), ": not a folder"));
  }
  return ModelRepository(std::move(root));
}

absl::StatusOr<std::vector<LoadedLayer>> ModelRepository::Load() const {
  const absl::StatusOr<std::vector<std::string>> names = SubFolders(root_);
  if (!names.ok()) {
    return absl::UnavailableError(
        absl::StrCat("repository ", root_.string(), ": ", names.status().message()));
  }
  std::vector<LoadedLayer> layers;
  for (const std::string& name : *names) layers.push_back(LoadLayer(name));
  return layers;
}

LoadedLayer ModelRepository::LoadLayer(const std::string& name) const {
  LoadedLayer layer;
  layer.name = name;
  if (const absl::Status valid = CheckLayerName(name); !valid.ok()) {
    layer.name = absl::CHexEscape(name);
    layer.errors.emplace_back(valid.code(),
                              absl::StrCat("folder \"", layer.name, "\": ", valid.message()));
    return layer;
  }
  const absl::StatusOr<std::vector<std::string>> folders = SubFolders(root_ / name);
  if (!folders.ok()) {
    layer.errors.push_back(
        absl::UnavailableError(absl::StrCat(name, ": ", folders.status().message())));
    return layer;
  }
  int64_t wanted = 1;
  for (const auto& [version, folder] : PickVersions(name, *folders, layer.errors)) {
    if (static_cast<int64_t>(layer.versions.size()) == wanted) break;
    absl::StatusOr<LoadedVersion> loaded =
        ReadVersionFolder(root_, fs::path(name) / folder, version);
    if (!loaded.ok()) {
      layer.errors.push_back(std::move(loaded).status());
      continue;
    }
    if (layer.versions.empty()) wanted = loaded->serving.live_versions;
    layer.versions.push_back(*std::move(loaded));
  }
  if (layer.versions.empty() && layer.errors.empty()) {
    layer.errors.push_back(
        absl::InvalidArgumentError(absl::StrCat(name, ": has no version folder")));
  }
  return layer;
}

}  // namespace convoy::repository
