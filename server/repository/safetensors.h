// Reads the safetensors format: an 8-byte little-endian header length, a JSON
// header, and the tensors' bytes.
#ifndef CONVOY_SERVER_REPOSITORY_SAFETENSORS_H_
#define CONVOY_SERVER_REPOSITORY_SAFETENSORS_H_

#include <cstdint>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/layer/tensor.h"
#include "server/repository/byte_source.h"

namespace convoy::repository {

// By name.
using TensorMap = absl::btree_map<std::string, layer::Tensor>;

// A header longer than this is refused unread. The format allows more; the tensors
// of a layer take a few hundred bytes.
inline constexpr int64_t kMaxSafetensorsHeaderBytes = int64_t{16} << 20;

// Is shown what the header says, tensors without their bytes, before any of those is
// read: a file may be larger than memory. An error ends the reading.
using TensorCheck = absl::FunctionRef<absl::Status(const TensorMap& described)>;
inline absl::Status AcceptAnyTensors(const TensorMap& /*described*/) { return absl::OkStatus(); }

// Reads a whole file. Strict: nothing is guessed, skipped or repaired. Memory stays
// within a small multiple of the source's size, whatever the lengths in it claim.
//   INVALID_ARGUMENT    the bytes break the format; names the tensor, what was
//                       expected and what came.
//   RESOURCE_EXHAUSTED  the tensors do not fit in memory.
//   and the errors of the source.
//   What `check` answers.
absl::StatusOr<TensorMap> ReadSafetensors(ByteSource& source, TensorCheck check = AcceptAnyTensors);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_SAFETENSORS_H_
