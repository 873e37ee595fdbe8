// Answers in another datatype than the layer's.
#ifndef CONVOY_KERNEL_BATCH_ROUND_OUTPUT_H_
#define CONVOY_KERNEL_BATCH_ROUND_OUTPUT_H_

#include "kernel/batch/output.h"
#include "kernel/layer/dtype.h"

namespace convoy::batch {

// Rounds an answer of `from` elements to `to` ones, each once, to the nearest and ties
// to even, in the memory in which it lies; its pieces get shorter. NaN stays NaN, and
// what is too large becomes infinite.
// REQUIRES: `from` is a float dtype, `to` is kFloat16 or kBfloat16; nobody else reads the
// answer.
void RoundOutput(layer::DType from, layer::DType to, Output& output);

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_ROUND_OUTPUT_H_
