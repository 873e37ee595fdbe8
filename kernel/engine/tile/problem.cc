#include "kernel/engine/tile/problem.h"

#include <algorithm>

namespace convoy::engine {

Problem::Problem(const layer::Conv1D& layer)
    : size_{layer.config().groups,         layer.input_channels(),
            layer.config().filters,        layer.config().window.kernel_size,
            layer.config().window.strides, layer.config().window.dilation_rate},
      kernel_(layer.kernel()),
      bias_(layer.rounds_before_bias() ? absl::Span<const float>() : layer.bias()) {}

bool Problem::Foldable(const layer::Conv1D& layer) {
  const layer::Window& window = layer.config().window;
  return layer.config().groups == 1 && window.dilation_rate == 1 && window.kernel_size > 1;
}

Problem Problem::Folded(const layer::Conv1D& layer, int64_t outputs) {
  const Problem plain(layer);
  const ProblemSize& from = plain.size_;
  const int64_t row = from.strides * outputs;
  const int64_t taps = (outputs - 1) * from.strides + from.kernel_size;
  Problem folded;
  ProblemSize& size = folded.size_;
  size.channels = row * from.channels;
  size.filters = outputs * from.filters;
  size.kernel_size = (taps + row - 1) / row;
  folded.own_kernel_.resize(static_cast<size_t>(size.kernel_size * size.channels * size.filters));
  // Tap k of output p reads frame p * strides + k of the row's window.
  for (int64_t p = 0; p < outputs; ++p) {
    for (int64_t k = 0; k < from.kernel_size; ++k) {
      const int64_t frame = p * from.strides + k;
      for (int64_t c = 0; c < from.channels; ++c) {
        const float* weights = plain.kernel_.data() + (k * from.channels + c) * from.filters;
        float* to = folded.own_kernel_.data() + (frame * from.channels + c) * size.filters +
                    p * from.filters;
        std::copy_n(weights, from.filters, to);
      }
    }
    folded.own_bias_.insert(folded.own_bias_.end(), plain.bias_.begin(), plain.bias_.end());
  }
  folded.kernel_ = folded.own_kernel_;
  folded.bias_ = folded.own_bias_;
  return folded;
}

}  // namespace convoy::engine
