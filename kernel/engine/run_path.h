// Which way a request runs.
#ifndef CONVOY_KERNEL_ENGINE_RUN_PATH_H_
#define CONVOY_KERNEL_ENGINE_RUN_PATH_H_

#include <cstdint>

#include "kernel/layer/conv1d.h"

namespace convoy::engine {

enum class RunPath : uint8_t {
  kPacked,  // with the others of its batch, in one packed buffer (PackedRun)
  kChunks,  // alone, some sequences at a time (RunInChunks)
  kDirect,  // alone, without a packed copy (RunDirect)
};

// The same for equal shapes, whatever else is in the batch.
RunPath PathOf(const layer::Conv1D& layer, const layer::InputShape& shape);

// True for layers that compute in float64, which oneDNN does not on processors,
// and for windows and strides too long for it, whose dimensions have 32 bits: all
// their requests run directly.
bool NeedsDirect(const layer::Conv1D& layer);

// Whether some of its requests do.
bool MayRunDirect(const layer::Conv1D& layer);

// How many sequences of this shape are packed at once. A request of very many short
// sequences with long padding would otherwise need a source buffer many times its
// own size.
int64_t SequencesPerChunk(const layer::Conv1D& layer, const layer::InputShape& shape);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_RUN_PATH_H_
