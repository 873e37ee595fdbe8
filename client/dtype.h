// Element types of a tensor, as the Open Inference Protocol names them.
#ifndef CONVOY_CLIENT_DTYPE_H_
#define CONVOY_CLIENT_DTYPE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace convoy::client {

enum class DType {
  kBool,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFp16,
  kBf16,
  kFp32,
  kFp64,
};

// "FP32" and the like.
std::string DTypeName(DType dtype);

// INVALID_ARGUMENT for a name that the protocol does not have, and for BYTES,
// whose elements have no fixed size.
absl::StatusOr<DType> DTypeFromName(std::string_view name);

// Bytes per element.
size_t DTypeSize(DType dtype);

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_DTYPE_H_
