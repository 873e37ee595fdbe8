// oneDNN objects that the files of this folder share.
#ifndef CONVOY_KERNEL_ENGINE_TILE_ONEDNN_H_
#define CONVOY_KERNEL_ENGINE_TILE_ONEDNN_H_

#include "oneapi/dnnl/dnnl.hpp"

namespace convoy::engine {

// The process's CPU engine. Thread-safe.
const dnnl::engine& CpuEngine();

// oneDNN's work of the calling thread stays on it, from now on. Parallelism is
// between batches and tiles, a team of oneDNN's own would only compete with it; and
// a primitive remembers the team that it was made for. Costs next to nothing.
void StayOnThisThread();

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_ONEDNN_H_
