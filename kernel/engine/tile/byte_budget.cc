#include "kernel/engine/tile/byte_budget.h"

#include <algorithm>

namespace convoy::engine {
namespace {

size_t TotalBytes(const std::vector<ByteBudget::Member*>& members) {
  size_t total = 0;
  for (const ByteBudget::Member* member : members) total += member->bytes();
  return total;
}

// The newest entry is the one somebody is about to use: where it alone is left,
// there is nothing to give up.
ByteBudget::Member* WithOldestUse(const std::vector<ByteBudget::Member*>& members,
                                  uint64_t newest) {
  ByteBudget::Member* found = nullptr;
  uint64_t oldest = newest;
  for (ByteBudget::Member* member : members) {
    const std::optional<uint64_t> use = member->OldestUse();
    if (!use.has_value() || *use >= oldest) continue;
    oldest = *use;
    found = member;
  }
  return found;
}

}  // namespace

void ByteBudget::Join(Member& member) {
  MutexLock lock(mutex_);
  members_.push_back(&member);
}

void ByteBudget::Leave(Member& member) {
  MutexLock lock(mutex_);
  std::erase(members_, &member);
}

void ByteBudget::Trim() {
  if (budget_bytes_.load(std::memory_order_relaxed) == std::numeric_limits<size_t>::max()) return;
  MutexLock lock(mutex_);
  const uint64_t newest = clock_.load(std::memory_order_relaxed) - 1;
  while (TotalBytes(members_) > budget_bytes_.load(std::memory_order_relaxed)) {
    Member* const member = WithOldestUse(members_, newest);
    if (member == nullptr) return;
    member->EvictOldest();
    evictions_.fetch_add(1, std::memory_order_relaxed);
  }
}

ByteBudget::Figures ByteBudget::figures() const {
  Figures figures;
  figures.hits = hits_.load(std::memory_order_relaxed);
  figures.misses = misses_.load(std::memory_order_relaxed);
  figures.evictions = evictions_.load(std::memory_order_relaxed);
  MutexLock lock(mutex_);
  figures.bytes = TotalBytes(members_);
  return figures;
}

}  // namespace convoy::engine
