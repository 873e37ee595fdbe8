// Says where an answer lies in the batch's output buffer.
#ifndef CONVOY_KERNEL_BATCH_LOCATE_OUTPUT_H_
#define CONVOY_KERNEL_BATCH_LOCATE_OUTPUT_H_

#include <cstdint>

#include "absl/types/span.h"
#include "kernel/batch/output.h"
#include "kernel/batch/packing.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/layer/conv1d.h"

namespace convoy::batch {

// The answer whose sequences begin at frames `targets` of `target`, which holds
// (frames, F) floats. channels_last answers are references into `target`, unless
// they lie in very many pieces; those, and channels_first ones, are copied to a
// buffer of their own from `pool`.
Output LocateOutput(const layer::Conv1D& layer, const Placement& placement,
                    absl::Span<const int64_t> targets, const BufferRef& target, BufferPool& pool);

// The most that LocateOutput allocates for such a request.
int64_t LocateOutputBytes(const layer::Conv1D& layer, const layer::InputShape& shape);

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_LOCATE_OUTPUT_H_
