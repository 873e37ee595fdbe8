#include "kernel/layer/convolution_op.h"

#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

// The kernel of the call. Its values are of the compute dtype, whatever holds them.
Tensor KernelOf(const Conv1D& layer) {
  const std::vector<int64_t> shape = KernelShape(layer.config(), layer.input_channels());
  if (layer.uses_double()) return FromDoubles(DType::kFloat64, shape, layer.kernel<double>());
  const absl::Span<const float> values = layer.kernel();
  return FromDoubles(DType::kFloat32, shape, std::vector<double>(values.begin(), values.end()));
}

}  // namespace

Conv1D ConvolutionOp(const Conv1D& layer) {
  Conv1DConfig config = layer.config();
  config.activation = {};
  config.activation_layer.reset();
  config.activity_regularizer.reset();
  config.kernel_regularizer.reset();
  config.bias_regularizer.reset();
  config.use_bias = false;
  // Nothing is left that could be refused: the kernel has its shape.
  return Conv1D::Build(std::move(config), layer.input_channels(), {.kernel = KernelOf(layer)})
      .value();
}

}  // namespace convoy::layer
