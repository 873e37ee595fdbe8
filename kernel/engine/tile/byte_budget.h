// Bounds the memory of all layers' compiled tiles.
#ifndef CONVOY_KERNEL_ENGINE_TILE_BYTE_BUDGET_H_
#define CONVOY_KERNEL_ENGINE_TILE_BYTE_BUDGET_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "kernel/base/mutex.h"

namespace convoy::engine {

// One budget in bytes for what many layers keep: when it is exceeded, what was
// not used for longest is given up, whichever layer holds it. What is given up
// comes back when it is needed, after the 0.3 to 11 ms that a primitive costs: a
// budget below what the layers in use need makes the server slow, not wrong.
//
// Thread-safe. Must outlive its members.
class ByteBudget {
 public:
  struct Figures {
    size_t bytes = 0;  // held now: compiled tiles and packed weights
    uint64_t hits = 0;
    uint64_t misses = 0;
    uint64_t evictions = 0;
  };

  // What holds compiled tiles, for one layer. Its functions are called from any
  // thread that trims; they must not call the budget.
  class Member {
   public:
    virtual ~Member() = default;
    virtual size_t bytes() const = 0;
    // When its least recently used entry was used, by Tick; nothing without entries.
    virtual std::optional<uint64_t> OldestUse() const = 0;
    virtual void EvictOldest() = 0;
  };

  explicit ByteBudget(size_t budget_bytes = std::numeric_limits<size_t>::max())
      : budget_bytes_(budget_bytes) {}

  void Join(Member& member);
  void Leave(Member& member);

  // A use is later than another if its tick is greater.
  uint64_t Tick() { return clock_.fetch_add(1, std::memory_order_relaxed); }
  void CountHit() { hits_.fetch_add(1, std::memory_order_relaxed); }
  void CountMiss() { misses_.fetch_add(1, std::memory_order_relaxed); }

  // Evicts until the members are within the budget, or one entry is left. To be
  // called after each new entry, without a lock that a member needs.
  void Trim();

  // From now on, and at once.
  void SetBudget(size_t budget_bytes) {
    budget_bytes_.store(budget_bytes, std::memory_order_relaxed);
    Trim();
  }

  Figures figures() const;

 private:
  std::atomic<size_t> budget_bytes_;
  std::atomic<uint64_t> clock_ = 0;
  std::atomic<uint64_t> hits_ = 0;
  std::atomic<uint64_t> misses_ = 0;
  std::atomic<uint64_t> evictions_ = 0;

  mutable Mutex mutex_;
  std::vector<Member*> members_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_BYTE_BUDGET_H_
