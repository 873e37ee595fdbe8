#include "kernel/engine/direct_convolution.h"

#include <algorithm>
#include <cmath>

#include "absl/types/span.h"

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

template <typename Real>
bool AllFinite(absl::Span<const Real> values) {
  return std::all_of(values.begin(), values.end(), [](Real value) { return std::isfinite(value); });
}

// The least integer not below a / b. REQUIRES: b > 0.
int64_t CeilDivide(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

}  // namespace

DirectConvolution::DirectConvolution(const layer::Conv1D& layer)
    : layer_(layer), finite_(AllFinite(layer.kernel()) && AllFinite(layer.kernel<double>())) {}

template <typename Real>
void DirectConvolution::Compute(const layer::InputShape& shape, const OutputRange& range,
                                const Real* input, Real* output) const {
  const layer::Window& window = layer_.config().window;
  const int64_t filters = layer_.config().filters;
  const absl::Span<const Real> bias = layer_.bias<Real>();
  const bool biased = !layer_.rounds_before_bias() && !bias.empty();
  for (int64_t o = range.first; o < range.first + range.count; ++o, output += filters) {
    std::fill_n(output, filters, Real{0});
    const Taps inside = TapsInside(shape, o);
    const Taps taps = finite_ ? inside : Taps{0, window.kernel_size};
    for (int64_t k = taps.first; k < taps.end; ++k) {
      const bool has_frame = k >= inside.first && k < inside.end;
      const int64_t t = o * window.strides + k * window.dilation_rate - shape.frames.pad_left;
      AddTap<Real>(layer_, k, has_frame ? input + t * layer_.input_channels() : nullptr, output);
    }
    for (int64_t f = 0; biased && f < filters; ++f) output[f] += bias[f];
  }
}

DirectConvolution::Taps DirectConvolution::TapsInside(const layer::InputShape& shape,
                                                      int64_t o) const {
  const layer::Window& window = layer_.config().window;
  // Tap k reads frame begin + k * dilation_rate.
  const int64_t begin = o * window.strides - shape.frames.pad_left;
  const int64_t first = CeilDivide(std::max<int64_t>(-begin, 0), window.dilation_rate);
  const int64_t end =
      begin < shape.length ? (shape.length - 1 - begin) / window.dilation_rate + 1 : 0;
  return {first, std::clamp(end, first, std::max(first, window.kernel_size))};
}

int64_t DirectConvolution::OutputsInside(const layer::InputShape& shape, int64_t k) const {
  const layer::Window& window = layer_.config().window;
  // Output o reads frame begin + o * strides.
  const int64_t begin = k * window.dilation_rate - shape.frames.pad_left;
  const int64_t first = CeilDivide(std::max<int64_t>(-begin, 0), window.strides);
  const int64_t end = begin < shape.length ? (shape.length - 1 - begin) / window.strides + 1 : 0;
  return std::max<int64_t>(std::min(end, shape.frames.output) - first, 0);
}

double DirectConvolution::SequenceWork(const layer::InputShape& shape) const {
  const int64_t taps = layer_.config().window.kernel_size;
  if (!finite_) return TapWork() * static_cast<double>(taps) * shape.frames.output;
  // Of many taps, some at equal distances: their number changes slowly along them.
  constexpr int64_t kLooked = 64;
  const int64_t step = CeilDivide(taps, kLooked);
  double inside = 0;
  int64_t looked = 0;
  for (int64_t k = (step - 1) / 2; k < taps; k += step, ++looked) {
    inside += static_cast<double>(OutputsInside(shape, k));
  }
  return TapWork() * inside * static_cast<double>(taps) /
         static_cast<double>(std::max<int64_t>(looked, 1));
}

double DirectConvolution::TapWork() const {
  const int64_t group_channels = layer_.input_channels() / layer_.config().groups;
  return static_cast<double>(group_channels) * static_cast<double>(layer_.config().filters);
}

template void DirectConvolution::Compute(const layer::InputShape&, const OutputRange&, const float*,
                                         float*) const;
template void DirectConvolution::Compute(const layer::InputShape&, const OutputRange&,
                                         const double*, double*) const;

}  // namespace convoy::engine
