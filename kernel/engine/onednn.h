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

// A oneDNN memory object over bytes that somebody else owns, released with the
// scope. The C API, because dnnl::memory allocates a shared count each.
class BoundMemory {
 public:
  BoundMemory(const dnnl::memory::desc& description, const void* bytes);
  ~BoundMemory() { dnnl_memory_destroy(memory_); }
  BoundMemory(const BoundMemory&) = delete;
  BoundMemory& operator=(const BoundMemory&) = delete;

  dnnl_memory_t get() const { return memory_; }

 private:
  dnnl_memory_t memory_ = nullptr;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_ONEDNN_H_
