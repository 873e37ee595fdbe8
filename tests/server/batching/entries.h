// Entries whose every figure a test decides.
#ifndef CONVOY_TESTS_SERVER_BATCHING_ENTRIES_H_
#define CONVOY_TESTS_SERVER_BATCHING_ENTRIES_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "server/batching/entry.h"
#include "server/batching/layer_handle.h"

namespace convoy::testing {

// An entry and the costs of its parts, which it refers to.
struct TestEntry {
  batching::Entry entry;
  std::vector<batching::PartCost> costs;
};

struct EntryOptions {
  std::chrono::milliseconds arrived{0};  // after the clock's begin
  int priority = batching::kDefaultPriority;
  batching::Tenant* tenant = nullptr;
  int64_t bytes = 1;
  int64_t run_bytes = 0;
  batching::Clock::time_point deadline = batching::Clock::time_point::max();
};

// A task of parts that take so many seconds each.
inline std::unique_ptr<TestEntry> MakeEntry(std::vector<double> parts, EntryOptions options = {}) {
  auto made = std::make_unique<TestEntry>();
  for (const double seconds : parts) {
    made->costs.push_back({.seconds = seconds, .bytes = options.bytes, .answer_bytes = 1});
    made->entry.seconds += seconds;
    ++made->entry.answer_bytes;
  }
  made->entry.parts = made->costs;
  made->entry.arrived = batching::Clock::time_point(options.arrived);
  made->entry.deadline = options.deadline;
  made->entry.priority = options.priority;
  made->entry.tenant = options.tenant;
  made->entry.bytes = options.bytes;
  made->entry.run_bytes = options.run_bytes;
  return made;
}

// A layer for which nothing can be computed.
inline std::shared_ptr<batching::LayerHandle> MakeHandle(batching::BatchingOptions options = {}) {
  return std::make_shared<batching::LayerHandle>(nullptr, nullptr, options);
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_SERVER_BATCHING_ENTRIES_H_
