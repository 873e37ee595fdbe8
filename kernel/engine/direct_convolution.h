// A convolution without a padded copy, for sequences that are mostly padding.
#ifndef CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_
#define CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_

#include <cstdint>

#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// True for windows and strides too long for oneDNN, whose dimensions have 32
// bits: every sequence then runs directly.
bool NeedsDirect(const layer::Window& window);

// True there, and where zeros would outnumber the signal by far in the packed
// buffer (the padding of a dilation, or a stride, much longer than the sequence):
// materialising them would let a few bytes of request ask for gigabytes.
bool PrefersDirect(const layer::Conv1D& layer, const layer::InputShape& shape);

// Convolution and bias of one sequence, activation not applied. `input` is
// (T, C), `output` (O, F), floats. Sums in float32, taps outside the sequence
// are skipped, or multiplied with zero where the kernel is not finite.
void DirectConvolution(const layer::Conv1D& layer, const layer::InputShape& shape,
                       const float* input, float* output);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_DIRECT_CONVOLUTION_H_
