// The workspaces of those who compute.
#ifndef CONVOY_SERVER_BATCHING_WORKSPACES_H_
#define CONVOY_SERVER_BATCHING_WORKSPACES_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "kernel/base/mutex.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/engine/workspace.h"

namespace convoy::batching {

// As many as run at once. The one given back last is taken first, so that those
// beyond need lie idle.
//
// Thread-safe. The pool must outlive it.
class Workspaces {
 public:
  explicit Workspaces(batch::BufferPool& pool) : pool_(pool) {}
  Workspaces(const Workspaces&) = delete;
  Workspaces& operator=(const Workspaces&) = delete;

  // A new one where none is idle.
  std::unique_ptr<engine::Workspace> Take();
  void GiveBack(std::unique_ptr<engine::Workspace> workspace);

  // Frees those that were idle at the last call already and were not taken since.
  // Returns whether any was taken since.
  bool ReleaseIdle();

 private:
  struct Idle {
    std::unique_ptr<engine::Workspace> workspace;
    uint64_t since;  // the count of calls of ReleaseIdle then
  };

  batch::BufferPool& pool_;

  Mutex mutex_;
  std::vector<Idle> idle_ ABSL_GUARDED_BY(mutex_);  // the one given back last is the last
  uint64_t releases_ ABSL_GUARDED_BY(mutex_) = 0;
  bool taken_ ABSL_GUARDED_BY(mutex_) = false;  // since the last ReleaseIdle
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_WORKSPACES_H_
