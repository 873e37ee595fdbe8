#include "server/memory_reclaimer.h"

#include <utility>

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
  looking_.Start("memory", kPeriod, [this] { Look(); });
}

void MemoryReclaimer::Stop() { looking_.Stop(); }

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
