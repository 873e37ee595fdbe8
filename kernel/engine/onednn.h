// oneDNN objects that the files of this folder share.
#ifndef CONVOY_KERNEL_ENGINE_ONEDNN_H_
#define CONVOY_KERNEL_ENGINE_ONEDNN_H_

#include <cstddef>

#include "kernel/engine/workspace.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace convoy::engine {

// The process's CPU engine. Thread-safe.
const dnnl::engine& CpuEngine();

// Whether the processor multiplies bfloat16 itself (AMX or AVX512-BF16), as far as
// ONEDNN_MAX_CPU_ISA lets oneDNN use it. Elsewhere oneDNN would emulate it, slower
// than float32.
bool HasBfloat16();

struct Workspace::Stream {
  dnnl::stream stream;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_ONEDNN_H_
