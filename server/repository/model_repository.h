// The model repository on disk: which layers and versions there are, and what
// their files say. Reads only.
//
//   <repository>/<layer>/<version>/config.json          Keras layer config
//   <repository>/<layer>/<version>/weights.safetensors  "kernel" and "bias"
//   <repository>/<layer>/<version>/serving.json         optional options
#ifndef CONVOY_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
#define CONVOY_SERVER_REPOSITORY_MODEL_REPOSITORY_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/layer/conv1d.h"
#include "server/repository/serving_config.h"

namespace convoy::repository {

// One version as it was read.
struct LoadedVersion {
  int64_t version = 0;
  std::shared_ptr<const layer::Conv1D> layer;
  ServingConfig serving;
};

// One layer's folder.
struct LoadedLayer {
  std::string name;
  // Readable versions that are to be live, newest first: `live_versions` of
  // them (serving.json of the newest readable one decides).
  std::vector<LoadedVersion> versions;
  // What could not be read, one status a version (or one for the folder), each
  // naming the file and the reason. Empty when all is well.
  std::vector<absl::Status> errors;
};

class ModelRepository {
 public:
  //   NOT_FOUND         the folder is missing.
  //   INVALID_ARGUMENT  it is not a folder.
  static absl::StatusOr<ModelRepository> Open(std::filesystem::path root);

  // Every layer, by name. A broken one has errors and does not stop the others.
  // Files and folders whose names start with '.' are ignored.
  std::vector<LoadedLayer> Load() const;

 private:
  explicit ModelRepository(std::filesystem::path root) : root_(std::move(root)) {}
  std::filesystem::path root_;
};

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
