#include "kernel/engine/problem.h"

#include <algorithm>

#include "kernel/batch/finish.h"

namespace convoy::engine {

Problem::Problem(const layer::Conv1D& layer)
    : groups_(layer.config().groups),
      channels_(layer.input_channels()),
      filters_(layer.config().filters),
      kernel_size_(layer.config().window.kernel_size),
      strides_(layer.config().window.strides),
      dilation_rate_(layer.config().window.dilation_rate),
      kernel_(layer.kernel()),
      bias_(batch::FinishAddsBias(layer) ? absl::Span<const float>() : layer.bias()) {}

bool Problem::Foldable(const layer::Conv1D& layer) {
  const layer::Window& window = layer.config().window;
  return layer.config().groups == 1 && window.dilation_rate == 1 && window.kernel_size > 1;
}

Problem Problem::Folded(const layer::Conv1D& layer, int64_t outputs) {
  const Problem plain(layer);
  const int64_t row = plain.strides_ * outputs;
  const int64_t taps = (outputs - 1) * plain.strides_ + plain.kernel_size_;
  Problem folded;
  folded.channels_ = row * plain.channels_;
  folded.filters_ = outputs * plain.filters_;
  folded.kernel_size_ = (taps + row - 1) / row;
  folded.own_kernel_.resize(
      static_cast<size_t>(folded.kernel_size_ * folded.channels_ * folded.filters_));
  // Tap k of output p reads frame p * strides + k of the row's window.
  for (int64_t p = 0; p < outputs; ++p) {
    for (int64_t k = 0; k < plain.kernel_size_; ++k) {
      const int64_t frame = p * plain.strides_ + k;
      for (int64_t c = 0; c < plain.channels_; ++c) {
        const float* from = plain.kernel_.data() + (k * plain.channels_ + c) * plain.filters_;
        float* to = folded.own_kernel_.data() + (frame * plain.channels_ + c) * folded.filters_ +
                    p * plain.filters_;
        std::copy_n(from, plain.filters_, to);
      }
    }
    folded.own_bias_.insert(folded.own_bias_.end(), plain.bias_.begin(), plain.bias_.end());
  }
  folded.kernel_ = folded.own_kernel_;
  folded.bias_ = folded.own_bias_;
  return folded;
}

}  // namespace convoy::engine
