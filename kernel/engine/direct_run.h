// Runs a request without a packed copy.
#ifndef CONVOY_KERNEL_ENGINE_DIRECT_RUN_H_
#define CONVOY_KERNEL_ENGINE_DIRECT_RUN_H_

#include <cstdint>

#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "kernel/engine/direct_convolution.h"
#include "kernel/engine/workspace.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// The answer, in double arithmetic where the layer uses_double(). Lets others pass
// between pieces of about half a millisecond, as tiles do. Throws std::bad_alloc.
batch::Output RunDirect(const DirectConvolution& convolution, const batch::Input& input,
                        Workspace& workspace);

// The most that RunDirect allocates, beside the payload.
int64_t DirectRunBytes(const layer::Conv1D& layer, const layer::InputShape& shape);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_DIRECT_RUN_H_
