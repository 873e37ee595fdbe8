// A convolution as the engine states it: what is computed, without layout of a
// batch, padding or activation.
#ifndef CONVOY_KERNEL_ENGINE_PROBLEM_H_
#define CONVOY_KERNEL_ENGINE_PROBLEM_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// One exact statement of a layer's convolution. Immutable; the layer must
// outlive it.
class Problem {
 public:
  // The layer as it is.
  explicit Problem(const layer::Conv1D& layer);

  // The same with `outputs` output frames a row: strides * outputs input frames
  // become the channels of one, outputs * F filters give that many frames, and
  // the kernel becomes a block Toeplitz matrix, partly zeros:
  //
  //   W'[k', (j, c), (p, f)] = W[k' * R + j - p * strides, c, f],  R = strides * outputs
  //
  // Source and output lie in memory as before. Because zero weights meet values
  // that the layer does not look at, it must not see infinities or NaN.
  // REQUIRES: Foldable(layer), outputs >= 1.
  static Problem Folded(const layer::Conv1D& layer, int64_t outputs);

  // Without groups and dilation, and with a window of more than one frame.
  static bool Foldable(const layer::Conv1D& layer);

  int64_t groups() const { return groups_; }
  int64_t channels() const { return channels_; }
  int64_t filters() const { return filters_; }
  int64_t kernel_size() const { return kernel_size_; }
  int64_t strides() const { return strides_; }
  int64_t dilation_rate() const { return dilation_rate_; }

  // Whether the windows lie one after another without overlap, each a row of
  // kernel_size * channels values: the convolution is then a matrix product.
  bool IsMatmul() const {
    return groups_ == 1 && strides_ >= kernel_size_ && (dilation_rate_ == 1 || kernel_size_ == 1);
  }

  // Input frames (rows, where folded) that `outputs` output frames (rows) read.
  int64_t SourceFrames(int64_t outputs) const {
    return (outputs - 1) * strides_ + dilation_rate_ * (kernel_size_ - 1) + 1;
  }

  // (kernel_size, channels / groups, filters), and (filters) or empty: without a
  // bias, or where batch::Finish adds it.
  absl::Span<const float> kernel() const { return kernel_; }
  absl::Span<const float> bias() const { return bias_; }

 private:
  Problem() = default;

  int64_t groups_ = 1;
  int64_t channels_ = 1;
  int64_t filters_ = 1;
  int64_t kernel_size_ = 1;
  int64_t strides_ = 1;
  int64_t dilation_rate_ = 1;
  // Of a folded problem; the others refer to the layer's. Moving keeps the
  // spans valid, so a problem moves but does not copy.
  std::vector<float> own_kernel_;
  std::vector<float> own_bias_;
  absl::Span<const float> kernel_;
  absl::Span<const float> bias_;

 public:
  Problem(Problem&&) = default;
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_PROBLEM_H_
