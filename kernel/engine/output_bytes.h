// The size of an answer.
#ifndef CONVOY_KERNEL_ENGINE_OUTPUT_BYTES_H_
#define CONVOY_KERNEL_ENGINE_OUTPUT_BYTES_H_

#include <array>
#include <cstdint>

#include "kernel/layer/conv1d.h"

namespace convoy::engine {

inline int64_t OutputBytes(const layer::Conv1D& layer, const layer::InputShape& shape) {
  const std::array<int64_t, 3> answer = layer.OutputShape(shape);
  return answer[0] * answer[1] * answer[2] * layer::SizeOf(layer.output_dtype());
}

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_OUTPUT_BYTES_H_
