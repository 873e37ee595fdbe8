// Reads the safetensors format: an 8-byte little-endian header length, a JSON
// header, and the tensors' bytes.
#ifndef CONVOY_SERVER_REPOSITORY_SAFETENSORS_H_
#define CONVOY_SERVER_REPOSITORY_SAFETENSORS_H_

#include <cstdint>
#include <filesystem>
#include <istream>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "kernel/layer/tensor.h"

namespace convoy::repository {

// By name.
using TensorMap = absl::btree_map<std::string, layer::Tensor>;

// A header longer than this is refused unread; the format's own limit.
inline constexpr int64_t kMaxSafetensorsHeaderBytes = 100'000'000;

// Reads a whole file from a seekable stream that stands at its beginning.
// Strict: nothing is guessed, skipped or repaired. Memory stays within a small
// multiple of the stream's length, whatever the lengths in it claim.
//   INVALID_ARGUMENT    the bytes break the format; names the tensor, what was
//                       expected and what came.
//   RESOURCE_EXHAUSTED  the tensors do not fit in memory.
//   UNAVAILABLE         the stream failed.
absl::StatusOr<TensorMap> ReadSafetensors(std::istream& stream);

// The same for a file. The message does not repeat the path.
//   NOT_FOUND  no such file.
//   INVALID_ARGUMENT also for what is not a regular file.
absl::StatusOr<TensorMap> ReadSafetensorsFile(const std::filesystem::path& path);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_SAFETENSORS_H_
