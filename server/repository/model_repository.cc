#include "server/repository/model_repository.h"

#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/base/catch_exceptions.h"
#include "server/base/utf8.h"
#include "server/repository/folder_watch.h"
#include "server/repository/layer_name.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

bool LeadsNowhere(const fs::path& path) {
  std::error_code error;
  return fs::is_symlink(fs::symlink_status(path, error)) && !fs::exists(path, error);
}

// The names of the folders in `folder`, sorted; also of links that lead nowhere, which
// somebody meant to be folders.
//   NOT_FOUND    there is no such folder.
//   UNAVAILABLE  it cannot be read.
absl::StatusOr<std::vector<std::string>> SubFolders(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (name.front() == '.') continue;
    std::error_code not_there;
    if (it->is_directory(not_there) || LeadsNowhere(it->path())) names.push_back(std::move(name));
  }
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
    if (LeadsNowhere(folder)) return absl::UnavailableError("the link leads nowhere");
    return absl::NotFoundError("no such folder");
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat("the folder cannot be read: ", error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<FolderId> IdOf(const fs::path& folder) {
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) return std::nullopt;
  return FolderId{status.st_dev, status.st_ino};
}

}  // namespace

absl::StatusOr<ModelRepository> ModelRepository::Open(fs::path root, ServingSections sections) {
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
  return ModelRepository(std::move(root), std::move(sections));
}

absl::StatusOr<RootListing> ModelRepository::ListLayers() const {
  RootListing listing;
  const std::optional<FolderId> id = IdOf(root_);
  absl::StatusOr<std::vector<std::string>> names = SubFolders(root_);
  if (!id.has_value() || !names.ok()) {
    return absl::UnavailableError(
        absl::StrCat("repository ", Printable(root_.string()), ": ",
                     names.ok() ? "no such folder" : names.status().message()));
  }
  listing.id = *id;
  listing.layers = *std::move(names);
  return listing;
}

bool ModelRepository::IsStill(const FolderId& id) const { return IdOf(root_) == id; }

absl::StatusOr<LayerListing> ModelRepository::ListVersions(const std::string& layer) const {
  const auto about = [&](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat(Printable(layer), ": ", status.message()));
  };
  if (const absl::Status name = CheckLayerName(layer); !name.ok()) {
    std::error_code error;
    const bool is_path = layer.find('/') != std::string::npos || layer.front() == '.';
    if (is_path || fs::exists(fs::symlink_status(root_ / layer, error))) return about(name);
    return about(absl::NotFoundError("no such folder"));
  }
  const absl::StatusOr<std::vector<std::string>> folders = SubFolders(root_ / layer);
  if (!folders.ok()) return about(folders.status());
  LayerListing listing;
  for (const std::string& folder : *folders) {
    if (const std::optional<int64_t> version = ParseVersion(folder)) {
      listing.versions.push_back(*version);
    } else {
      listing.errors.push_back(absl::InvalidArgumentError(
          absl::StrCat(layer, "/", Printable(folder),
                       ": expected a version, a positive whole number without leading zeros")));
    }
  }
  std::sort(listing.versions.begin(), listing.versions.end(), std::greater<>());
  return listing;
}

VersionStamp ModelRepository::Stamp(const std::string& layer, int64_t version) const {
  return StampOf(root_ / layer / absl::StrCat(version));
}

absl::StatusOr<LoadedVersion> ModelRepository::ReadVersion(const std::string& layer,
                                                           int64_t version,
                                                           const std::stop_token& stop) const {
  const fs::path relative = fs::path(layer) / absl::StrCat(version);
  return CatchExceptions(
      [&] { return ReadVersionFolder(root_, relative, version, stop, SectionOf(layer)); });
}

const ServingSection* ModelRepository::SectionOf(const std::string& layer) const {
  const auto section = sections_.find(layer);
  return section == sections_.end() ? nullptr : &section->second;
}

std::vector<fs::path> ModelRepository::Folders(const std::string& layer,
                                               const std::vector<int64_t>& versions) const {
  std::vector<fs::path> folders = {root_ / layer};
  for (const int64_t version : versions) folders.push_back(root_ / layer / absl::StrCat(version));
  // Links within the repository lead through folders of their own.
  std::error_code error;
  const size_t own = folders.size();
  for (size_t i = 0; i < own; ++i) {
    if (!fs::is_symlink(fs::symlink_status(folders[i], error))) continue;
    for (const fs::path& link : LinksOn(folders[i])) folders.push_back(link.parent_path());
  }
  return folders;
}

}  // namespace convoy::repository
