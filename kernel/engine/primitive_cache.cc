#include "kernel/engine/primitive_cache.h"

#include <algorithm>

namespace convoy::engine {
namespace {

size_t TotalBytes(const std::vector<PrimitiveCache::Member*>& members) {
  size_t total = 0;
  for (const PrimitiveCache::Member* member : members) total += member->bytes();
  return total;
}

// The newest entry is the one somebody is about to use: where it alone is left,
// there is nothing to give up.
PrimitiveCache::Member* WithOldestUse(const std::vector<PrimitiveCache::Member*>& members,
                                      uint64_t newest) {
  PrimitiveCache::Member* found = nullptr;
  uint64_t oldest = newest;
  for (PrimitiveCache::Member* member : members) {
    const std::optional<uint64_t> use = member->OldestUse();
    if (!use.has_value() || *use >= oldest) continue;
    oldest = *use;
    found = member;
  }
  return found;
}

}  // namespace

void PrimitiveCache::Join(Member& member) {
  MutexLock lock(mutex_);
  members_.push_back(&member);
}

void PrimitiveCache::Leave(Member& member) {
  MutexLock lock(mutex_);
  std::erase(members_, &member);
}

void PrimitiveCache::Trim() {
  if (budget_bytes_ == std::numeric_limits<size_t>::max()) return;
  MutexLock lock(mutex_);
  const uint64_t newest = clock_.load(std::memory_order_relaxed) - 1;
  while (TotalBytes(members_) > budget_bytes_) {
    Member* const member = WithOldestUse(members_, newest);
    if (member == nullptr) return;
    member->EvictOldest();
    evictions_.fetch_add(1, std::memory_order_relaxed);
  }
}

PrimitiveCache::Figures PrimitiveCache::figures() const {
  Figures figures;
  figures.hits = hits_.load(std::memory_order_relaxed);
  figures.misses = misses_.load(std::memory_order_relaxed);
  figures.evictions = evictions_.load(std::memory_order_relaxed);
  MutexLock lock(mutex_);
  figures.bytes = TotalBytes(members_);
  return figures;
}

}  // namespace convoy::engine
