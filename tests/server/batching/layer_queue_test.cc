#include "server/batching/layer_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/server/batching/entries.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::MakeEntry;
using std::chrono::microseconds;
using std::chrono::milliseconds;

std::vector<Entry*> Take(LayerQueue& queue, double seconds, BatchingOptions options = {}) {
  Batch batch;
  queue.Take(seconds, options, {}, batch);
  return batch.entries;
}

TEST(LayerQueueTest, ABatchEndsBeforeItsTimeIsExceededButHasOneTask) {
  LayerQueue queue;
  const auto a = MakeEntry(milliseconds(0), 2), b = MakeEntry(milliseconds(1), 2),
             c = MakeEntry(milliseconds(2), 5);
  for (const auto* entry : {&a, &b, &c}) queue.Push(**entry);
  EXPECT_EQ(Take(queue, 4.5), (std::vector<Entry*>{a.get(), b.get()}));
  EXPECT_EQ(queue.waiting_seconds(), 5);
  EXPECT_EQ(Take(queue, 1), std::vector<Entry*>{c.get()});
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.waiting_seconds(), 0);
  EXPECT_EQ(queue.waiting_bytes(), 0);
}

TEST(LayerQueueTest, ABatchIsBoundedInRequestsAndBytes) {
  LayerQueue pairs, bytes;
  const auto a = MakeEntry(milliseconds(0), 1, 1, 4), b = MakeEntry(milliseconds(1), 1, 1, 4),
             c = MakeEntry(milliseconds(2), 1, 1, 4);
  const auto huge = MakeEntry(milliseconds(3), 1, 1, 40);
  for (const auto* entry : {&a, &b, &c}) pairs.Push(**entry);
  EXPECT_EQ(Take(pairs, 100, {.max_batch_requests = 2}).size(), 2u);
  for (const auto* entry : {&a, &b, &c, &huge}) bytes.Push(**entry);
  const BatchingOptions limit{.max_batch_bytes = 10};
  EXPECT_EQ(Take(bytes, 100, limit).size(), 2u);
  EXPECT_EQ(Take(bytes, 100, limit).size(), 1u);
  EXPECT_EQ(Take(bytes, 100, limit), std::vector<Entry*>{huge.get()});
}

TEST(LayerQueueTest, UrgentTasksOvertakeThoseOfTheLastTenthOfASecond) {
  LayerQueue queue;
  const auto usual = MakeEntry(milliseconds(0), 1), last = MakeEntry(milliseconds(0), 1, 3);
  const auto urgent = MakeEntry(milliseconds(99), 1, 0), late = MakeEntry(milliseconds(101), 1, 0);
  for (const auto* entry : {&usual, &last, &urgent, &late}) queue.Push(**entry);
  EXPECT_EQ(Take(queue, 100),
            (std::vector<Entry*>{urgent.get(), usual.get(), late.get(), last.get()}));
}

// However many urgent tasks come, the others' turn comes too.
TEST(LayerQueueTest, NoLevelStarves) {
  LayerQueue queue;
  const auto last = MakeEntry(milliseconds(0), 1, kPriorityLevels - 1);
  queue.Push(*last);
  std::vector<std::unique_ptr<Entry>> urgent;
  for (int i = 1; i <= 1000; ++i) {
    urgent.push_back(MakeEntry(milliseconds(i), 1, 0));
    queue.Push(*urgent.back());
    const std::vector<Entry*> taken = Take(queue, 0);
    if (taken[0] == last.get()) {
      EXPECT_EQ(i, 301);
      return;
    }
  }
  FAIL() << "the last level starved";
}

TEST(LayerQueueTest, WhatIsRemovedCountsNoMore) {
  LayerQueue queue;
  const auto a = MakeEntry(milliseconds(0), 2, 1, 10), b = MakeEntry(milliseconds(1), 3, 2, 20),
             c = MakeEntry(milliseconds(2), 5, 1, 40);
  for (const auto* entry : {&a, &b, &c}) queue.Push(**entry);
  queue.Remove(*a);
  EXPECT_EQ(queue.waiting_seconds(), 8);
  EXPECT_EQ(queue.waiting_bytes(), 60);
  queue.Remove(*b);
  EXPECT_EQ(Take(queue, 100), std::vector<Entry*>{c.get()});
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.waiting_bytes(), 0);
}

TEST(LayerQueueTest, TasksThatWouldBeLateLeaveWithTheBatchAndTakeNoRoomInIt) {
  LayerQueue queue;
  const Clock::time_point now(milliseconds(1000));
  const auto late = MakeEntry(milliseconds(0), 0.01), exact = MakeEntry(milliseconds(1), 0.01),
             good = MakeEntry(milliseconds(2), 0.01);
  const auto behind = MakeEntry(milliseconds(3), 0.01);
  late->deadline = now - milliseconds(1);
  exact->deadline = now + milliseconds(10);
  good->deadline = now + milliseconds(11);
  behind->deadline = late->deadline;
  for (const auto* entry : {&late, &exact, &good, &behind}) queue.Push(**entry);
  Batch batch;
  queue.Take(0.01, {}, now, batch);
  EXPECT_EQ(batch.entries, std::vector<Entry*>{good.get()});
  EXPECT_EQ(batch.hopeless, (std::vector<Entry*>{late.get(), exact.get(), behind.get()}));
  EXPECT_TRUE(queue.empty());
}

TEST(LayerQueueTest, WhatWaitsIsCountedAsSlowAsItsLayerHasBeen) {
  LayerQueue queue;
  const auto before = MakeEntry(milliseconds(0), 2), after = MakeEntry(milliseconds(1), 2);
  queue.Push(*before);
  EXPECT_EQ(queue.waiting_wall_seconds(), 2);
  queue.slowdown.Record(1000, 3000);
  queue.Push(*after);
  EXPECT_NEAR(queue.waiting_wall_seconds(), 2 + 6, 0.01);
  EXPECT_EQ(queue.waiting_seconds(), 4);
  EXPECT_EQ(Take(queue, 2), std::vector<Entry*>{before.get()});
  EXPECT_NEAR(queue.waiting_wall_seconds(), 6, 0.01);
  EXPECT_EQ(Take(queue, 2), std::vector<Entry*>{after.get()});
  EXPECT_EQ(queue.waiting_wall_seconds(), 0);
}

TEST(LayerQueueTest, WithoutADelayABatchIsDueAtOnce) {
  LayerQueue queue;
  const auto a = MakeEntry(milliseconds(5), 1);
  queue.Push(*a);
  EXPECT_EQ(queue.ReadyAt(1e9, {}), Clock::time_point::min());
}

TEST(LayerQueueTest, ADelayedBatchIsDueWithItsOldestTaskOrItsTightestDeadline) {
  const BatchingOptions options{.max_queue_delay = microseconds(10000)};
  LayerQueue queue;
  const auto a = MakeEntry(milliseconds(5), 0.001), b = MakeEntry(milliseconds(7), 0.001);
  queue.Push(*a);
  queue.Push(*b);
  EXPECT_EQ(queue.ReadyAt(1, options), Clock::time_point(milliseconds(15)));
  // Its own time, that of the others and five milliseconds before the deadline.
  const auto c = MakeEntry(milliseconds(8), 0.001);
  c->deadline = Clock::time_point(milliseconds(22));
  queue.Push(*c);
  EXPECT_EQ(queue.ReadyAt(1, options), Clock::time_point(milliseconds(14)));
}

TEST(LayerQueueTest, AFullBatchIsDueAtOnce) {
  const auto ready = [](BatchingOptions options, double full_seconds) {
    options.max_queue_delay = microseconds(10000);
    LayerQueue queue;
    const auto a = MakeEntry(milliseconds(5), 1, 1, 10), b = MakeEntry(milliseconds(5), 1, 1, 10);
    queue.Push(*a);
    queue.Push(*b);
    return queue.ReadyAt(full_seconds, options) == Clock::time_point::min();
  };
  EXPECT_FALSE(ready({}, 2.5));
  EXPECT_TRUE(ready({}, 2));
  EXPECT_TRUE(ready({.max_batch_requests = 2}, 9));
  EXPECT_TRUE(ready({.max_batch_bytes = 20}, 9));
}

}  // namespace
}  // namespace convoy::batching
