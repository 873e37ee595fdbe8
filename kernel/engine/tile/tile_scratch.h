// What the tiles that one thread runs share: scratch memory and oneDNN's stream.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TILE_SCRATCH_H_
#define CONVOY_KERNEL_ENGINE_TILE_TILE_SCRATCH_H_

#include <cstddef>
#include <memory>

#include "kernel/batch/pooled_buffer.h"

namespace dnnl {
struct stream;
}  // namespace dnnl

namespace convoy::engine {

// The library's own scratchpad is not used: primitives are shared between threads,
// and with it two threads overwrite each other's intermediate results.
//
// Not thread-safe: one thread at a time.
class TileScratch {
 public:
  TileScratch();
  ~TileScratch();
  TileScratch(const TileScratch&) = delete;
  TileScratch& operator=(const TileScratch&) = delete;

  // At least `bytes`, 64-byte aligned; the same memory until a larger request. Throws
  // std::bad_alloc.
  std::byte* Scratchpad(size_t bytes);

  // Made when first asked for. Throws dnnl::error.
  const dnnl::stream& stream();

 private:
  batch::BufferPool memory_{0};
  batch::BufferRef scratchpad_;
  std::unique_ptr<const dnnl::stream> stream_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TILE_SCRATCH_H_
