#include "server/batching/workspaces.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace convoy::batching {

std::unique_ptr<engine::Workspace> Workspaces::Take() {
  {
    MutexLock lock(mutex_);
    taken_ = true;
    if (!idle_.empty()) {
      std::unique_ptr<engine::Workspace> workspace = std::move(idle_.back().workspace);
      idle_.pop_back();
      return workspace;
    }
  }
  return std::make_unique<engine::Workspace>(pool_);
}

void Workspaces::GiveBack(std::unique_ptr<engine::Workspace> workspace) {
  MutexLock lock(mutex_);
  idle_.push_back({std::move(workspace), releases_});
}

bool Workspaces::ReleaseIdle() {
  std::vector<Idle> old;  // freed without the lock
  MutexLock lock(mutex_);
  // They lie in the order in which they were given back.
  const auto stays =
      std::find_if(idle_.begin(), idle_.end(),
                   [releases = releases_](const Idle& one) { return one.since == releases; });
  old.assign(std::make_move_iterator(idle_.begin()), std::make_move_iterator(stays));
  idle_.erase(idle_.begin(), stays);
  ++releases_;
  return std::exchange(taken_, false);
}

}  // namespace convoy::batching
