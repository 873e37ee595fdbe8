// What is said of a layer's batches beside what the layer says itself.
#ifndef CONVOY_SERVER_BATCHING_BATCHING_OVERRIDES_H_
#define CONVOY_SERVER_BATCHING_BATCHING_OVERRIDES_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "kernel/base/mutex.h"

namespace convoy::batching {

// How a layer's tasks become batches. A batch holds at least one task whatever
// its size.
struct BatchingOptions {
  // How long a task may wait for company while a worker is idle. A batch that has
  // reached a limit below, or whose tightest deadline needs it, starts earlier.
  std::chrono::microseconds max_queue_delay{0};
  int64_t max_batch_requests = std::numeric_limits<int64_t>::max();
  // Of payloads.
  int64_t max_batch_bytes = std::numeric_limits<int64_t>::max();
};

// Longer than any request lives; the clock counts nanoseconds in 64 bits.
inline constexpr int64_t kLongestDelayMicroseconds = int64_t{3600} * 1000 * 1000;

// Shared by the handles of all versions of a layer, those to come included: what is
// set counts from the next batch on.
//
// Thread-safe; each value is read and set by itself.
class BatchingOverrides {
 public:
  // Each at least 1, or 0: the layer's own value counts.
  struct Values {
    int64_t max_queue_delay_microseconds = 0;
    int64_t max_batch_requests = 0;
    int64_t max_batch_bytes = 0;
  };

  void Set(const Values& values) {
    delay_.store(std::min(values.max_queue_delay_microseconds, kLongestDelayMicroseconds),
                 std::memory_order_relaxed);
    requests_.store(values.max_batch_requests, std::memory_order_relaxed);
    bytes_.store(values.max_batch_bytes, std::memory_order_relaxed);
  }

  BatchingOptions Over(BatchingOptions own) const {
    const int64_t delay = delay_.load(std::memory_order_relaxed);
    const int64_t requests = requests_.load(std::memory_order_relaxed);
    const int64_t bytes = bytes_.load(std::memory_order_relaxed);
    if (delay > 0) own.max_queue_delay = std::chrono::microseconds(delay);
    if (requests > 0) own.max_batch_requests = requests;
    if (bytes > 0) own.max_batch_bytes = bytes;
    return own;
  }

 private:
  std::atomic<int64_t> delay_{0};
  std::atomic<int64_t> requests_{0};
  std::atomic<int64_t> bytes_{0};
};

// By the layer's name; one that was asked for once stays.
//
// Thread-safe.
class OverridesByLayer {
 public:
  std::shared_ptr<BatchingOverrides> For(const std::string& layer) {
    MutexLock lock(mutex_);
    std::shared_ptr<BatchingOverrides>& overrides = layers_[layer];
    if (overrides == nullptr) overrides = std::make_shared<BatchingOverrides>();
    return overrides;
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<BatchingOverrides>> layers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_BATCHING_OVERRIDES_H_
