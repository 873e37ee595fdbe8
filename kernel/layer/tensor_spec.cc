#include "kernel/layer/tensor_spec.h"

namespace convoy::layer {
namespace {

TensorSpec Spec(const Conv1D& layer, DType dtype, int64_t channels) {
  const bool last = layer.config().data_format == DataFormat::kChannelsLast;
  return {dtype, {-1, last ? -1 : channels, last ? channels : -1}};
}

}  // namespace

TensorSpec InputSpec(const Conv1D& layer) {
  return Spec(layer, layer.compute_dtype(), layer.input_channels());
}

TensorSpec OutputSpec(const Conv1D& layer) {
  return Spec(layer, layer.output_dtype(), layer.output_channels());
}

}  // namespace convoy::layer
