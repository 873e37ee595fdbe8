// Tensors of float32 from their values.
#ifndef CONVOY_TESTS_KERNEL_SUPPORT_FLOAT_TENSOR_H_
#define CONVOY_TESTS_KERNEL_SUPPORT_FLOAT_TENSOR_H_

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "kernel/layer/tensor.h"

namespace convoy::testing {

inline layer::Tensor FloatTensor(std::vector<int64_t> shape, const std::vector<float>& values) {
  layer::Tensor tensor{.dtype = layer::DType::kFloat32, .shape = std::move(shape)};
  tensor.data.resize(values.size() * sizeof(float));
  if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_SUPPORT_FLOAT_TENSOR_H_
