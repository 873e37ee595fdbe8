// The model repository on disk: which layers and versions there are, and what
// their files say. Reads only.
//
//   <repository>/<layer>/<version>/config.json          Keras layer config
//   <repository>/<layer>/<version>/weights.safetensors  "kernel" and "bias"
//   <repository>/<layer>/<version>/serving.json         optional options
#ifndef CONVOY_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
#define CONVOY_SERVER_REPOSITORY_MODEL_REPOSITORY_H_

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/repository/version_folder.h"

namespace convoy::repository {

// One layer's folder.
struct LoadedLayer {
  std::string name;
  // Readable versions that are to be live, newest first: `live_versions` of
  // them (serving.json of the newest readable one decides).
  std::vector<LoadedVersion> versions;
  // What could not be read, one status a version (or one for the folder), each
  // naming the file relative to the repository, and the reason. Versions older
  // than the live ones are not read. Empty when all is well.
  std::vector<absl::Status> errors;
};

// Thread-safe; keeps nothing but the path, every Load reads anew.
class ModelRepository {
 public:
  //   NOT_FOUND         the folder is missing.
  //   INVALID_ARGUMENT  it is not a folder.
  //   UNAVAILABLE       it cannot be read.
  static absl::StatusOr<ModelRepository> Open(std::filesystem::path root);

  // Every layer, by name. A broken one has errors and does not stop the others.
  // Ignored: whatever has a name that starts with '.', files beside the layers'
  // folders, and files beside the versions' folders.
  //   UNAVAILABLE  the repository's folder cannot be listed.
  absl::StatusOr<std::vector<LoadedLayer>> Load() const;

 private:
  explicit ModelRepository(std::filesystem::path root) : root_(std::move(root)) {}

  LoadedLayer LoadLayer(const std::string& name) const;

  std::filesystem::path root_;
};

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
