// The model repository on disk: which layers and versions there are, and what
// their files say. Reads only.
//
//   <repository>/<layer>/<version>/config.json          Keras layer config
//   <repository>/<layer>/<version>/weights.safetensors  "kernel" and "bias"
//   <repository>/<layer>/<version>/serving.json         optional options
//   <repository>/<layer>/<version>/manifest.json        of what the server wrote
#ifndef CONVOY_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
#define CONVOY_SERVER_REPOSITORY_MODEL_REPOSITORY_H_

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/repository/serving_config.h"
#include "server/repository/version_folder.h"
#include "server/repository/version_stamp.h"

namespace convoy::repository {

// Which folder the repository is: links may be switched, and volumes mounted and
// unmounted, under the same path.
struct FolderId {
  uint64_t device = 0;
  uint64_t inode = 0;

  friend bool operator==(const FolderId&, const FolderId&) = default;
};

struct RootListing {
  FolderId id;
  std::vector<std::string> layers;  // names of folders, sorted; not all may be names of layers
};

// What a layer's folder has.
struct LayerListing {
  std::vector<int64_t> versions;     // newest first
  std::vector<absl::Status> errors;  // folders that are no version
};

// Entries with names that start with '.', and files beside the folders, are ignored
// everywhere. Links are followed.
//
// Thread-safe; keeps nothing but the path and the sections, every call reads anew.
class ModelRepository {
 public:
  //   NOT_FOUND         the folder is missing.
  //   INVALID_ARGUMENT  it is not a folder.
  //   UNAVAILABLE       it cannot be read.
  // `sections` are those of the option file; versions are read with them.
  static absl::StatusOr<ModelRepository> Open(std::filesystem::path root,
                                              ServingSections sections = {});

  const std::filesystem::path& root() const { return root_; }

  //   UNAVAILABLE  the repository's folder is not there or cannot be listed.
  absl::StatusOr<RootListing> ListLayers() const;

  // Whether the repository's path leads to this folder still.
  bool IsStill(const FolderId& id) const;

  //   NOT_FOUND         there is no such folder.
  //   INVALID_ARGUMENT  `layer` cannot be a layer's name.
  //   UNAVAILABLE       the folder cannot be read, or is a link that leads nowhere.
  absl::StatusOr<LayerListing> ListVersions(const std::string& layer) const;

  // By what a change of the version's files shows.
  VersionStamp Stamp(const std::string& layer, int64_t version) const;

  // The errors of ReadVersionFolder, and those of memory that is not there.
  absl::StatusOr<LoadedVersion> ReadVersion(const std::string& layer, int64_t version,
                                            const std::stop_token& stop = {}) const;

  // What the option file says of the layer; null if nothing. Lives as long as this.
  const ServingSection* SectionOf(const std::string& layer) const;

  // The folders in which a change of the layer or of one of `versions` happens.
  std::vector<std::filesystem::path> Folders(const std::string& layer,
                                             const std::vector<int64_t>& versions) const;

 private:
  ModelRepository(std::filesystem::path root, ServingSections sections)
      : root_(std::move(root)), sections_(std::move(sections)) {}

  std::filesystem::path root_;
  ServingSections sections_;
};

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
