#include "kernel/engine/direct_convolution.h"

#include <algorithm>
#include <cmath>

namespace convoy::engine {
namespace {

// output[f] += value * weights[f] for one input channel's filters.
template <typename Real>
void MultiplyAdd(Real value, const Real* weights, int64_t filters, Real* output) {
  for (int64_t f = 0; f < filters; ++f) output[f] += value * weights[f];
}

// One tap of one output frame: all channels of input frame `frame`, or zeros.
template <typename Real>
void AddTap(const layer::Conv1D& layer, int64_t tap, const Real* frame, Real* output) {
  const int64_t groups = layer.config().groups;
  const int64_t inputs = layer.input_channels() / groups;
  const int64_t filters = layer.config().filters;
  const int64_t group_filters = filters / groups;
  const Real* weights = layer.kernel<Real>().data() + tap * inputs * filters;
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t c = 0; c < inputs; ++c) {
      const Real value = frame == nullptr ? Real{0} : frame[g * inputs + c];
      MultiplyAdd(value, weights + c * filters + g * group_filters, group_filters,
                  output + g * group_filters);
    }
  }
}

}  // namespace

template <typename Real>
void DirectConvolution(const layer::Conv1D& layer, const layer::InputShape& shape,
                       const Real* input, Real* output) {
  const layer::Window& window = layer.config().window;
  const int64_t filters = layer.config().filters;
  const absl::Span<const Real> kernel = layer.kernel<Real>();
  const bool finite =
      std::all_of(kernel.begin(), kernel.end(), [](Real w) { return std::isfinite(w); });
  const absl::Span<const Real> bias = layer.bias<Real>();
  const bool biased = !layer.rounds_before_bias() && !bias.empty();
  for (int64_t o = 0; o < shape.frames.output; ++o, output += filters) {
    std::fill_n(output, filters, Real{0});
    for (int64_t k = 0; k < window.kernel_size; ++k) {
      const int64_t t = o * window.strides + k * window.dilation_rate - shape.frames.pad_left;
      const bool inside = t >= 0 && t < shape.length;
      if (!inside && finite) continue;
      AddTap<Real>(layer, k, inside ? input + t * layer.input_channels() : nullptr, output);
    }
    for (int64_t f = 0; biased && f < filters; ++f) output[f] += bias[f];
  }
}

template void DirectConvolution(const layer::Conv1D&, const layer::InputShape&, const float*,
                                float*);
template void DirectConvolution(const layer::Conv1D&, const layer::InputShape&, const double*,
                                double*);

}  // namespace convoy::engine
