// One version of a layer on disk.
#ifndef CONVOY_SERVER_REPOSITORY_VERSION_FOLDER_H_
#define CONVOY_SERVER_REPOSITORY_VERSION_FOLDER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

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

// The version that a folder's name says: a positive decimal number without
// leading zeros. Nothing for any other name.
std::optional<int64_t> ParseVersion(std::string_view folder_name);

// Reads `root`/`relative`, a version's folder.
//   The status names the file, relative to `root`, and the reason.
//   INVALID_ARGUMENT  a file is missing, broken, or disagrees with another.
//   FAILED_PRECONDITION  the weights break a constraint that serving.json enforces.
//   UNIMPLEMENTED     the config names something that only Python can run.
//   UNAVAILABLE       reading failed.
absl::StatusOr<LoadedVersion> ReadVersionFolder(const std::filesystem::path& root,
                                                const std::filesystem::path& relative,
                                                int64_t version);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_VERSION_FOLDER_H_
