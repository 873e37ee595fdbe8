// Whether callers are turned away in numbers.
#ifndef CONVOY_SERVER_BATCHING_REFUSALS_H_
#define CONVOY_SERVER_BATCHING_REFUSALS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "server/batching/entry.h"

namespace convoy::batching {

// Remembers when the last few refusals were. One thread at a time notes; any
// number may ask meanwhile.
class Refusals {
 public:
  static constexpr size_t kMany = 8;
  static constexpr std::chrono::milliseconds kWindow{20};

  void Note(Clock::time_point now) {
    const uint64_t count = count_.load(std::memory_order_relaxed);
    times_[count % kMany].store(now.time_since_epoch().count(), std::memory_order_relaxed);
    count_.store(count + 1, std::memory_order_release);
  }

  // Whether kMany refusals or more were within the kWindow before `now`.
  bool Many(Clock::time_point now) const {
    const uint64_t count = count_.load(std::memory_order_acquire);
    if (count < kMany) return false;
    const Clock::duration oldest(times_[count % kMany].load(std::memory_order_relaxed));
    return now.time_since_epoch() - oldest <= kWindow;
  }

 private:
  std::atomic<uint64_t> count_{0};
  std::array<std::atomic<Clock::rep>, kMany> times_{};
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_REFUSALS_H_
