// What one executing thread needs for itself.
#ifndef CONVOY_KERNEL_ENGINE_WORKSPACE_H_
#define CONVOY_KERNEL_ENGINE_WORKSPACE_H_

#include <memory>
#include <vector>

#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "kernel/batch/packing.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/engine/plan/plan.h"
#include "kernel/engine/tile/compiled_tile.h"
#include "kernel/engine/tile/tile_scratch.h"

namespace convoy::engine {

// Lists that are filled anew for each batch, so that they keep their memory.
struct BatchLists {
  std::vector<const batch::Input*> inputs;  // of the requests that run packed
  std::vector<batch::Output*> outputs;      // theirs
  batch::Packing packing;
  Plan plan;
  std::vector<std::shared_ptr<const CompiledTile>> tiles;  // of the plan, in order

  // Gives back what a batch of very many sequences needed.
  void Shrink();
};

// Memory, and the say of the thread that runs a batch.
//
// Not thread-safe: one thread at a time. The pool must outlive it.
class Workspace {
 public:
  explicit Workspace(batch::BufferPool& pool) : pool_(pool) {}
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // Of the buffers that batches are packed in and answered from.
  batch::BufferPool& pool() { return pool_; }

  TileScratch& scratch() { return scratch_; }
  BatchLists& lists() { return lists_; }

  // Called between two tiles of a batch, by the thread that runs it: the place where
  // a long batch may let others pass. Null: nothing.
  void set_between_tiles(void (*between_tiles)()) { between_tiles_ = between_tiles; }
  void BetweenTiles() const {
    if (between_tiles_ != nullptr) between_tiles_();
  }

 private:
  batch::BufferPool& pool_;
  TileScratch scratch_;
  BatchLists lists_;
  void (*between_tiles_)() = nullptr;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_WORKSPACE_H_
