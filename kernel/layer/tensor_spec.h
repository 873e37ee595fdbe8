// layer.input and layer.output: what is known of a tensor before it comes.
#ifndef CONVOY_KERNEL_LAYER_TENSOR_SPEC_H_
#define CONVOY_KERNEL_LAYER_TENSOR_SPEC_H_

#include <array>
#include <cstdint>

#include "kernel/layer/conv1d.h"
#include "kernel/layer/dtype.h"

namespace convoy::layer {

// -1 is a dimension of any size.
struct TensorSpec {
  DType dtype = DType::kFloat32;
  std::array<int64_t, 3> shape = {};
};

// (-1, -1, channels) or (-1, channels, -1). Inputs of other numeric dtypes are
// cast.
TensorSpec InputSpec(const Conv1D& layer);
TensorSpec OutputSpec(const Conv1D& layer);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_TENSOR_SPEC_H_
