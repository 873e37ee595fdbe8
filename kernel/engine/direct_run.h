// Runs a request without a packed copy.
#ifndef CONVOY_KERNEL_ENGINE_DIRECT_RUN_H_
#define CONVOY_KERNEL_ENGINE_DIRECT_RUN_H_

#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "kernel/engine/workspace.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// The answer, in double arithmetic where the layer uses_double(). Throws
// std::bad_alloc.
batch::Output RunDirect(const layer::Conv1D& layer, const batch::Input& input,
                        Workspace& workspace);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_DIRECT_RUN_H_
