// One version of a layer on disk.
#ifndef CONVOY_SERVER_REPOSITORY_VERSION_FOLDER_H_
#define CONVOY_SERVER_REPOSITORY_VERSION_FOLDER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernel/layer/conv1d.h"
#include "server/repository/serving_config.h"
#include "server/repository/version_content.h"

namespace convoy::repository {

// SHA-256, as 64 lower-case hexadecimal digits.
struct Checksums {
  // Of the bytes of each file; empty where there is none.
  std::string config;
  std::string weights;
  std::string serving;
  // Of all that can change an answer (VersionChecksum).
  std::string version;

  friend bool operator==(const Checksums&, const Checksums&) = default;
};

// One version as it was read.
struct LoadedVersion {
  int64_t version = 0;
  std::shared_ptr<const layer::Conv1D> layer;
  ServingConfig serving;
  Checksums checksums;
};

// Over the sums of config.json and weights.safetensors (an empty line where there is
// none) and the options of serving.json that can change an answer, a line each, such
// as `deterministic=false`.
std::string VersionChecksum(const Checksums& checksums, const ServingConfig& serving);

// The version that a folder's name says: a positive decimal number without
// leading zeros. Nothing for any other name.
std::optional<int64_t> ParseVersion(std::string_view folder_name);

// Reads `root`/`relative`, a version's folder. `section`, which may be null, is the option
// file's of the layer.
//   The status names the file, relative to `root`, and the reason.
//   INVALID_ARGUMENT  a file is missing, broken, or disagrees with another or with
//                     the manifest.
//   FAILED_PRECONDITION  the weights break a constraint that serving.json enforces.
//   UNIMPLEMENTED     the config names something that only Python can run.
//   UNAVAILABLE       reading failed.
//   RESOURCE_EXHAUSTED  the tensors do not fit in memory.
//   CANCELLED         `stop` was requested.
absl::StatusOr<LoadedVersion> ReadVersionFolder(const std::filesystem::path& root,
                                                const std::filesystem::path& relative,
                                                int64_t version, const std::stop_token& stop = {},
                                                const ServingSection* section = nullptr);

// The same of files that are somewhere else; `place` stands before their names in
// messages.
absl::StatusOr<LoadedVersion> ReadVersionContent(const VersionContent& content,
                                                 const std::filesystem::path& place,
                                                 int64_t version,
                                                 const ServingSection* section = nullptr);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_VERSION_FOLDER_H_
