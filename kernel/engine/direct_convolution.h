// A convolution without a padded copy, for sequences that are mostly padding.
#ifndef CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_
#define CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_

#include <cstdint>

#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Convolution of one sequence, and its bias unless batch::Finish adds that
// (Conv1D::rounds_before_bias). `input`
// is (T, C), `output` (O, F). Sums in Real; taps outside the sequence are skipped,
// or multiplied with zero where the kernel is not finite.
// REQUIRES: Real is double iff layer.uses_double().
template <typename Real>
void DirectConvolution(const layer::Conv1D& layer, const layer::InputShape& shape,
                       const Real* input, Real* output);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_
