// The JSON header of a safetensors file.
#ifndef CONVOY_SERVER_REPOSITORY_SAFETENSORS_HEADER_H_
#define CONVOY_SERVER_REPOSITORY_SAFETENSORS_HEADER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/layer/dtype.h"

namespace convoy::repository {

// Where one tensor lies.
struct TensorEntry {
  std::string name;
  layer::DType dtype = layer::DType::kFloat32;
  std::vector<int64_t> shape;
  // Offsets from the first byte behind the header; `end` is one past the last.
  int64_t begin = 0;
  int64_t end = 0;
};

// Checks the header against the `data_bytes` that follow it. The entries come
// in the order of their bytes, which they cover without a hole or an overlap.
//   INVALID_ARGUMENT  not such a header; names the tensor or the position, what
//                     was expected and what came.
// Parses without a tree: memory is bounded by the header's length.
// REQUIRES: data_bytes >= 0.
absl::StatusOr<std::vector<TensorEntry>> ParseSafetensorsHeader(std::string_view header,
                                                                int64_t data_bytes);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_SAFETENSORS_HEADER_H_
