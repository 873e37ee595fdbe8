// A dense tensor on the heap: weights and test data, never a request.
#ifndef CONVOY_KERNEL_LAYER_TENSOR_H_
#define CONVOY_KERNEL_LAYER_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernel/layer/dtype.h"

namespace convoy::layer {

struct Tensor {
  DType dtype = DType::kFloat32;
  std::vector<int64_t> shape;
  // Row-major, little-endian, without padding: SizeOf(dtype) times the product
  // of `shape` bytes.
  std::vector<std::byte> data;
};

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_TENSOR_H_
