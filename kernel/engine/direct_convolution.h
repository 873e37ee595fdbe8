// A convolution without a padded copy, for sequences that are mostly padding.
#ifndef CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_
#define CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_

#include <cstdint>

#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// True for layers that compute in float64, which oneDNN does not on processors,
// and for windows and strides too long for it, whose dimensions have 32 bits:
// every sequence then runs directly.
bool NeedsDirect(const layer::Conv1D& layer);

// True there, and where zeros would outnumber the signal by far in the packed
// buffer (the padding of a dilation, or a stride, much longer than the sequence):
// materialising them would let a few bytes of request ask for gigabytes.
bool PrefersDirect(const layer::Conv1D& layer, const layer::InputShape& shape);

// Convolution of one sequence, and its bias unless batch::Finish adds that. `input`
// is (T, C), `output` (O, F). Sums in Real; taps outside the sequence are skipped,
// or multiplied with zero where the kernel is not finite.
// REQUIRES: Real is double iff layer.uses_double().
template <typename Real>
void DirectConvolution(const layer::Conv1D& layer, const layer::InputShape& shape,
                       const Real* input, Real* output);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_
