// Reads the safetensors format: an 8-byte little-endian header length, a JSON
// header, and the tensors' bytes.
#ifndef CONVOY_SERVER_REPOSITORY_SAFETENSORS_H_
#define CONVOY_SERVER_REPOSITORY_SAFETENSORS_H_

#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "kernel/layer/tensor.h"
#include "server/repository/byte_source.h"

namespace convoy::repository {

// By name.
using TensorMap = absl::btree_map<std::string, layer::Tensor>;

// A header longer than this is refused unread; the format's own limit.
inline constexpr int64_t kMaxSafetensorsHeaderBytes = 100'000'000;

// Reads a whole file. Strict: nothing is guessed, skipped or repaired. Memory stays
// within a small multiple of the source's size, whatever the lengths in it claim.
//   INVALID_ARGUMENT    the bytes break the format; names the tensor, what was
//                       expected and what came.
//   RESOURCE_EXHAUSTED  the tensors do not fit in memory.
//   and the errors of the source.
absl::StatusOr<TensorMap> ReadSafetensors(ByteSource& source);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_SAFETENSORS_H_
