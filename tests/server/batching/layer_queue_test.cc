#include "server/batching/layer_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/server/batching/layer_queue_peer.h"

namespace convoy::batching {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(LayerQueueTest, ABatchEndsBeforeItsTimeIsExceededButHasOneTask) {
  LayerQueuePeer queue;
  Waiting a(milliseconds(0), 2), b(milliseconds(1), 2), c(milliseconds(2), 5);
  for (Task* task : {&a, &b, &c}) queue.Push(task);
  EXPECT_EQ(queue.Take(4.5), (std::vector<Task*>{&a, &b}));
  EXPECT_EQ(queue.waiting_seconds(), 5);
  EXPECT_EQ(queue.Take(1), std::vector<Task*>{&c});
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.waiting_seconds(), 0);
  EXPECT_EQ(queue.waiting_bytes(), 0);
}

TEST(LayerQueueTest, ABatchIsBoundedInRequestsAndBytes) {
  LayerQueuePeer pairs({.max_batch_requests = 2});
  LayerQueuePeer bytes({.max_batch_bytes = 10});
  Waiting a(milliseconds(0), 1, 1, 4), b(milliseconds(1), 1, 1, 4), c(milliseconds(2), 1, 1, 4);
  Waiting huge(milliseconds(3), 1, 1, 40);
  for (Task* task : {&a, &b, &c}) pairs.Push(task);
  EXPECT_EQ(pairs.Take(100).size(), 2u);
  for (Task* task : {&a, &b, &c, &huge}) bytes.Push(task);
  EXPECT_EQ(bytes.Take(100).size(), 2u);
  EXPECT_EQ(bytes.Take(100).size(), 1u);
  EXPECT_EQ(bytes.Take(100), std::vector<Task*>{&huge});
}

TEST(LayerQueueTest, UrgentTasksOvertakeThoseOfTheLastTenthOfASecond) {
  LayerQueuePeer queue;
  Waiting usual(milliseconds(0), 1), last(milliseconds(0), 1, 3);
  Waiting urgent(milliseconds(99), 1, 0), late(milliseconds(101), 1, 0);
  for (Task* task : {&usual, &last, &urgent, &late}) queue.Push(task);
  EXPECT_EQ(queue.Take(100), (std::vector<Task*>{&urgent, &usual, &late, &last}));
}

// However many urgent tasks come, the others' turn comes too.
TEST(LayerQueueTest, NoLevelStarves) {
  LayerQueuePeer queue;
  Waiting last(milliseconds(0), 1, kPriorityLevels - 1);
  queue.Push(&last);
  std::vector<std::unique_ptr<Waiting>> urgent;
  for (int i = 1; i <= 1000; ++i) {
    urgent.push_back(std::make_unique<Waiting>(milliseconds(i), 1, 0));
    queue.Push(urgent.back().get());
    const std::vector<Task*> taken = queue.Take(0);
    if (taken[0] == &last) {
      EXPECT_EQ(i, 301);
      return;
    }
  }
  FAIL() << "the last level starved";
}

TEST(LayerQueueTest, WhatIsRemovedCountsNoMore) {
  LayerQueuePeer queue;
  Waiting a(milliseconds(0), 2, 1, 10), b(milliseconds(1), 3, 2, 20), c(milliseconds(2), 5, 1, 40);
  for (Task* task : {&a, &b, &c}) queue.Push(task);
  queue.Remove(&a);
  EXPECT_EQ(queue.waiting_seconds(), 8);
  EXPECT_EQ(queue.waiting_bytes(), 60);
  queue.Remove(&b);
  EXPECT_EQ(queue.Take(100), std::vector<Task*>{&c});
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.waiting_bytes(), 0);
}

TEST(LayerQueueTest, TasksThatWouldBeLateLeaveWithTheBatchAndTakeNoRoomInIt) {
  LayerQueuePeer queue;
  const Clock::time_point now(milliseconds(1000));
  Waiting late(milliseconds(0), 0.01), exact(milliseconds(1), 0.01), good(milliseconds(2), 0.01);
  Waiting behind(milliseconds(3), 0.01);
  late.deadline = now - milliseconds(1);
  exact.deadline = now + milliseconds(10);
  good.deadline = now + milliseconds(11);
  behind.deadline = late.deadline;
  for (Task* task : {&late, &exact, &good, &behind}) queue.Push(task);
  EXPECT_EQ(queue.TakeHopeless(0.01, now), (std::vector<Task*>{&late, &exact, &behind}));
  EXPECT_TRUE(queue.empty());
}

TEST(LayerQueueTest, WhatWaitsIsCountedAsSlowAsItsLayerHasBeen) {
  LayerQueuePeer queue;
  Waiting before(milliseconds(0), 2), after(milliseconds(1), 2);
  queue.Push(&before);
  EXPECT_EQ(queue.waiting_wall_seconds(), 2);
  queue.RecordSlowdown(1000, 3000);
  queue.Push(&after);
  EXPECT_NEAR(queue.waiting_wall_seconds(), 2 + 6, 0.01);
  EXPECT_EQ(queue.waiting_seconds(), 4);
  EXPECT_EQ(queue.Take(2), std::vector<Task*>{&before});
  EXPECT_NEAR(queue.waiting_wall_seconds(), 6, 0.01);
  EXPECT_EQ(queue.Take(2), std::vector<Task*>{&after});
  EXPECT_EQ(queue.waiting_wall_seconds(), 0);
}

TEST(LayerQueueTest, WithoutADelayABatchIsDueAtOnce) {
  LayerQueuePeer queue;
  Waiting a(milliseconds(5), 1);
  queue.Push(&a);
  EXPECT_EQ(queue.ReadyAt(1e9), Clock::time_point::min());
}

TEST(LayerQueueTest, ADelayedBatchIsDueWithItsOldestTaskOrItsTightestDeadline) {
  LayerQueuePeer queue({.max_queue_delay = microseconds(10000)});
  Waiting a(milliseconds(5), 0.001), b(milliseconds(7), 0.001);
  queue.Push(&a);
  queue.Push(&b);
  EXPECT_EQ(queue.ReadyAt(1), Clock::time_point(milliseconds(15)));
  // Its own time, that of the others and five milliseconds before the deadline.
  Waiting c(milliseconds(8), 0.001);
  c.deadline = Clock::time_point(milliseconds(22));
  queue.Push(&c);
  EXPECT_EQ(queue.ReadyAt(1), Clock::time_point(milliseconds(14)));
}

TEST(LayerQueueTest, AFullBatchIsDueAtOnce) {
  const auto ready = [](BatchingOptions options, double full_seconds) {
    options.max_queue_delay = microseconds(10000);
    LayerQueuePeer queue(options);
    Waiting a(milliseconds(5), 1, 1, 10), b(milliseconds(5), 1, 1, 10);
    queue.Push(&a);
    queue.Push(&b);
    return queue.ReadyAt(full_seconds) == Clock::time_point::min();
  };
  EXPECT_FALSE(ready({}, 2.5));
  EXPECT_TRUE(ready({}, 2));
  EXPECT_TRUE(ready({.max_batch_requests = 2}, 9));
  EXPECT_TRUE(ready({.max_batch_bytes = 20}, 9));
}

}  // namespace
}  // namespace convoy::batching
