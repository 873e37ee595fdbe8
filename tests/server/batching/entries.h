// Entries whose every figure a test decides.
#ifndef CONVOY_TESTS_SERVER_BATCHING_ENTRIES_H_
#define CONVOY_TESTS_SERVER_BATCHING_ENTRIES_H_

#include <chrono>
#include <cstdint>
#include <memory>

#include "server/batching/entry.h"
#include "server/batching/layer_handle.h"

namespace convoy::testing {

// A whole task that came at `arrived` after the clock's begin.
inline std::unique_ptr<batching::Entry> MakeEntry(std::chrono::milliseconds arrived, double seconds,
                                                  int priority = batching::kDefaultPriority,
                                                  int64_t bytes = 1) {
  auto entry = std::make_unique<batching::Entry>();
  entry->arrived = batching::Clock::time_point(arrived);
  entry->seconds = seconds;
  entry->priority = priority;
  entry->bytes = bytes;
  entry->whole = entry.get();
  return entry;
}

// A layer for which nothing can be computed.
inline std::shared_ptr<batching::LayerHandle> MakeHandle(batching::BatchingOptions options = {}) {
  return std::make_shared<batching::LayerHandle>(nullptr, nullptr, options);
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_SERVER_BATCHING_ENTRIES_H_
