// A convolution without a padded copy: for sequences that are mostly padding, and
// for arithmetic that oneDNN does not have.
#ifndef CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_
#define CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_

#include <cstdint>

#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Consecutive output frames of a sequence.
struct OutputRange {
  int64_t first = 0;
  int64_t count = 0;
};

// Thread-safe. The layer must outlive it.
class DirectConvolution {
 public:
  // Looks whether all weights are finite: once, not for each sequence.
  explicit DirectConvolution(const layer::Conv1D& layer);

  const layer::Conv1D& layer() const { return layer_; }

  // Some output frames of one sequence, with the bias unless batch::Finish adds that
  // (Conv1D::rounds_before_bias). `input` is the whole sequence, (T, C), `output`
  // (range.count, F). Sums in Real; taps outside the sequence are skipped, or
  // multiplied with zero where a weight is not finite.
  // REQUIRES: Real is double iff layer.uses_double().
  template <typename Real>
  void Compute(const layer::InputShape& shape, const OutputRange& range, const Real* input,
               Real* output) const;

  // Multiply-accumulates of one sequence, about.
  double SequenceWork(const layer::InputShape& shape) const;

  // Multiply-accumulates of one tap of one output frame.
  double TapWork() const;

 private:
  // The taps of output frame `o` that lie in the sequence, [first, end).
  struct Taps {
    int64_t first;
    int64_t end;
  };
  Taps TapsInside(const layer::InputShape& shape, int64_t o) const;
  // The output frames of which tap `k` lies in the sequence.
  int64_t OutputsInside(const layer::InputShape& shape, int64_t k) const;

  const layer::Conv1D& layer_;
  const bool finite_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_
