// A convolution as the engine states it: what is computed, without layout of a
// batch, padding or activation.
#ifndef CONVOY_KERNEL_ENGINE_TILE_PROBLEM_H_
#define CONVOY_KERNEL_ENGINE_TILE_PROBLEM_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

struct ProblemSize {
  int64_t groups = 1;
  int64_t channels = 1;
  int64_t filters = 1;
  int64_t kernel_size = 1;
  int64_t strides = 1;
  int64_t dilation_rate = 1;

  // Frames from the first to the last tap.
  int64_t extent() const { return dilation_rate * (kernel_size - 1) + 1; }

  // Input frames (rows, where folded) that `outputs` output frames (rows) read.
  int64_t SourceFrames(int64_t outputs) const { return (outputs - 1) * strides + extent(); }

  // Whether the windows lie one after another without overlap, each a row of
  // kernel_size * channels values: the convolution is then a matrix product.
  bool IsMatmul() const {
    return groups == 1 && strides >= kernel_size && (dilation_rate == 1 || kernel_size == 1);
  }
};

// One exact statement of a layer's convolution. Immutable; the layer must
// outlive it. It moves, and does not copy.
class Problem {
 public:
  // The layer as it is.
  explicit Problem(const layer::Conv1D& layer);
  Problem(Problem&&) = default;
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;

  // The same with `outputs` output frames per row: strides * outputs input frames
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

  const ProblemSize& size() const { return size_; }

  // (kernel_size, channels / groups, filters), and (filters) or empty: without a
  // bias, or where batch::Finish adds it (Conv1D::rounds_before_bias).
  absl::Span<const float> kernel() const { return kernel_; }
  absl::Span<const float> bias() const { return bias_; }

 private:
  Problem() = default;

  ProblemSize size_;
  // Of a folded problem; the others refer to the layer's. Moving keeps the spans
  // valid.
  std::vector<float> own_kernel_;
  std::vector<float> own_bias_;
  absl::Span<const float> kernel_;
  absl::Span<const float> bias_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_PROBLEM_H_
