// What one executing thread needs for itself.
#ifndef CONVOY_KERNEL_ENGINE_WORKSPACE_H_
#define CONVOY_KERNEL_ENGINE_WORKSPACE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "kernel/batch/packing.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/engine/plan.h"

namespace convoy::engine {

class TileKernel;

// Scratch memory and oneDNN's stream of one thread. The library's own scratchpad
// is not used: primitives are shared between threads, and with it two threads
// overwrite each other's intermediate results.
//
// Not thread-safe: one thread at a time. The pool must outlive it.
class Workspace {
 public:
  explicit Workspace(batch::BufferPool& pool);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // Of the buffers that batches are packed in and answered from.
  batch::BufferPool& pool() { return pool_; }

  // At least `bytes`, 64-byte aligned; the same memory until a larger request.
  std::byte* Scratchpad(size_t bytes);

  // For layout changes on the way in and out; keeps its memory.
  std::vector<float>& floats() { return floats_; }

  // Called between two tiles of a batch, by the thread that runs it: the place where
  // a long batch may let others pass. Null: nothing.
  void set_between_tiles(void (*between_tiles)()) { between_tiles_ = between_tiles; }
  void BetweenTiles() const {
    if (between_tiles_ != nullptr) between_tiles_();
  }

  // Of the batch that runs now; they keep their memory. The kernels are those of
  // the plan's tiles, held while the batch runs.
  batch::Packing& packing() { return packing_; }
  Plan& plan() { return plan_; }
  std::vector<std::shared_ptr<const TileKernel>>& kernels() { return kernels_; }

  // The thread's oneDNN stream, opaque outside this folder.
  struct Stream;
  Stream& stream() { return *stream_; }

 private:
  batch::BufferPool& pool_;
  batch::BufferPool own_{0};  // what is kept between batches is none of the pool's
  batch::BufferRef scratchpad_;
  std::vector<float> floats_;
  void (*between_tiles_)() = nullptr;
  batch::Packing packing_;
  Plan plan_;
  std::vector<std::shared_ptr<const TileKernel>> kernels_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_WORKSPACE_H_
