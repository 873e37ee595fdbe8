#include "tests/bench/plain_convolution.h"

#include <algorithm>

namespace convoy::bench {
namespace {

using dnnl::memory;
constexpr auto kF32 = memory::data_type::f32;

memory::dims WeightDimensions(const layer::Conv1D& layer) {
  const int64_t groups = layer.config().groups;
  memory::dims dims = {layer.config().filters / groups, layer.input_channels() / groups,
                       layer.config().window.kernel_size};
  if (groups > 1) dims.insert(dims.begin(), groups);
  return dims;
}

}  // namespace

PlainConvolution::PlainConvolution(const layer::Conv1D& layer, int64_t n, int64_t length,
                                   const std::vector<float>& input) {
  const layer::Window& window = layer.config().window;
  const layer::Frames frames = window.FramesFor(length).value();
  const memory::desc source({n, layer.input_channels(), length}, kF32, memory::format_tag::nwc);
  const memory::desc target({n, layer.config().filters, frames.output}, kF32,
                            memory::format_tag::nwc);
  const memory::desc weights(WeightDimensions(layer), kF32, memory::format_tag::any);
  const memory::desc bias({layer.config().filters}, kF32, memory::format_tag::a);
  const int64_t right =
      (frames.output - 1) * window.strides + window.extent() - length - frames.pad_left;
  const dnnl::convolution_forward::primitive_desc description(
      engine_, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source,
      weights, bias, target, {window.strides}, {window.dilation_rate - 1}, {frames.pad_left},
      {right});
  implementation_ = description.impl_info_str();
  primitive_ = dnnl::convolution_forward(description);
  source_ = memory(source, engine_);
  std::copy(input.begin(), input.end(), static_cast<float*>(source_.get_data_handle()));
  target_ = memory(target, engine_);
  weights_ = memory(description.weights_desc(), engine_);
  bias_ = memory(bias, engine_);
  const auto plain_tag =
      layer.config().groups == 1 ? memory::format_tag::wio : memory::format_tag::wigo;
  memory plain({WeightDimensions(layer), kF32, plain_tag}, engine_,
               const_cast<float*>(layer.kernel().data()));
  dnnl::reorder(plain, weights_).execute(stream_, plain, weights_);
  std::copy(layer.bias().begin(), layer.bias().end(), static_cast<float*>(bias_.get_data_handle()));
}

void PlainConvolution::Run() {
  primitive_.execute(stream_, {{DNNL_ARG_SRC, source_},
                               {DNNL_ARG_WEIGHTS, weights_},
                               {DNNL_ARG_BIAS, bias_},
                               {DNNL_ARG_DST, target_}});
}

}  // namespace convoy::bench
