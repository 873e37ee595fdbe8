// The files of one version.
#ifndef CONVOY_SERVER_REPOSITORY_VERSION_FILES_H_
#define CONVOY_SERVER_REPOSITORY_VERSION_FILES_H_

#include <cstdint>

namespace convoy::repository {

inline constexpr char kConfigFile[] = "config.json";
inline constexpr char kWeightsFile[] = "weights.safetensors";
inline constexpr char kServingFile[] = "serving.json";
// Of a version that the server wrote: what the others must be.
inline constexpr char kManifestFile[] = "manifest.json";

// JSON files are a few kilobytes; far larger is a mistake, refused unread.
inline constexpr int64_t kMaxJsonBytes = int64_t{1} << 20;

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_VERSION_FILES_H_
