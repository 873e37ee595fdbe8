#include "kernel/engine/direct_convolution.h"

#include <algorithm>
#include <cmath>

namespace convoy::engine {
namespace {

// output[f] += value * weights[f] for one input channel's filters.
void MultiplyAdd(float value, const float* weights, int64_t filters, float* output) {
  for (int64_t f = 0; f < filters; ++f) output[f] += value * weights[f];
}

// One tap of one output frame: all channels of input frame `frame`, or zeros.
void AddTap(const layer::Conv1D& layer, int64_t tap, const float* frame, float* output) {
  const int64_t groups = layer.config().groups;
  const int64_t inputs = layer.input_channels() / groups;
  const int64_t filters = layer.config().filters;
  const int64_t group_filters = filters / groups;
  const float* weights = layer.kernel().data() + tap * inputs * filters;
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t c = 0; c < inputs; ++c) {
      const float value = frame == nullptr ? 0.0f : frame[g * inputs + c];
      MultiplyAdd(value, weights + c * filters + g * group_filters, group_filters,
                  output + g * group_filters);
    }
  }
}

}  // namespace

bool NeedsDirect(const layer::Window& window) {
  // The longest tile reads about a thousand strides: fewer than 2^31 frames.
  return window.extent() > (int64_t{1} << 22) || window.strides > (int64_t{1} << 20);
}

bool PrefersDirect(const layer::Conv1D& layer, const layer::InputShape& shape) {
  constexpr int64_t kManyFrames = int64_t{1} << 16;
  constexpr int64_t kManyFloats = int64_t{1} << 20;
  const layer::Window& window = layer.config().window;
  if (NeedsDirect(window)) return true;
  if (shape.frames.output == 0) return false;
  const int64_t packed =
      (shape.frames.output + (window.extent() - 1) / window.strides) * window.strides;
  const int64_t zeros = packed - shape.length;
  return zeros / 8 > shape.length &&
         (zeros > kManyFrames || zeros > kManyFloats / layer.input_channels());
}

void DirectConvolution(const layer::Conv1D& layer, const layer::InputShape& shape,
                       const float* input, float* output) {
  const layer::Window& window = layer.config().window;
  const int64_t filters = layer.config().filters;
  const bool finite = std::all_of(layer.kernel().begin(), layer.kernel().end(),
                                  [](float w) { return std::isfinite(w); });
  for (int64_t o = 0; o < shape.frames.output; ++o, output += filters) {
    std::fill_n(output, filters, 0.0f);
    for (int64_t k = 0; k < window.kernel_size; ++k) {
      const int64_t t = o * window.strides + k * window.dilation_rate - shape.frames.pad_left;
      const bool inside = t >= 0 && t < shape.length;
      if (!inside && finite) continue;
      AddTap(layer, k, inside ? input + t * layer.input_channels() : nullptr, output);
    }
    for (size_t f = 0; f < layer.bias().size(); ++f) output[f] += layer.bias()[f];
  }
}

}  // namespace convoy::engine
