#include "server/memory_reclaimer.h"

#include <utility>

#include "kernel/base/stop_and_join.h"
#include "kernel/base/thread.h"

namespace convoy {
namespace {

// Growth that is worth a walk through the heap.
constexpr int64_t kGrowth = int64_t{8} << 20;
// What must have been freed, and how many looks ago the heap was trimmed last, for a
// walk while others compute.
constexpr size_t kMuchFreed = size_t{16} << 20;
constexpr int kSeldom = 15;

}  // namespace

MemoryReclaimer::MemoryReclaimer(Hooks hooks) : hooks_(std::move(hooks)) {}

void MemoryReclaimer::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    SetThreadName("memory");
    while (!stop.stop_requested()) {
      Look();
      MutexLock lock(mutex_);
      if (!stop.stop_requested()) stopped_.WaitFor(mutex_, kPeriod);
    }
  });
}

void MemoryReclaimer::Stop() { StopAndJoin(thread_, mutex_, stopped_); }

void MemoryReclaimer::Look() {
  if (!IsWorthTrimming(hooks_.release())) return;
  hooks_.trim();
  resident_after_ = hooks_.resident();
  freed_bytes_ = 0;
  looks_ = 0;
}

bool MemoryReclaimer::IsWorthTrimming(const Released& released) {
  ++looks_;
  freed_bytes_ += released.bytes;
  if (hooks_.resident() < resident_after_ + kGrowth) return false;
  return !released.used || (freed_bytes_ >= kMuchFreed && looks_ >= kSeldom);
}

}  // namespace convoy
