#include "server/batching/fair_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "tests/server/batching/layer_queue_peer.h"

namespace convoy::batching {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kAnything = std::numeric_limits<double>::infinity();
const Clock::time_point kNow{milliseconds(1000)};

std::shared_ptr<LayerQueue> MakeQueue(BatchingOptions options = {}) {
  return std::make_shared<LayerQueue>(nullptr, nullptr, options);
}

void Push(FairQueue& waiting, const std::shared_ptr<LayerQueue>& queue, Task* task) {
  waiting.Push(queue, absl::MakeConstSpan(&task, 1));
}

// Takes one task of the layer whose turn it is.
Task* TakeNext(FairQueue& waiting) {
  const FairQueue::Due due = waiting.FindDue(kAnything, false, kNow);
  return due.layer == FairQueue::kNone ? nullptr : waiting.Take(due.layer, 0, kNow).taken.tasks[0];
}

std::vector<std::unique_ptr<Waiting>> Tasks(int count, double seconds) {
  std::vector<std::unique_ptr<Waiting>> tasks;
  for (int i = 0; i < count; ++i) {
    tasks.push_back(std::make_unique<Waiting>(milliseconds(i), seconds));
  }
  return tasks;
}

TEST(FairQueueTest, LayersTakeTurnsByWorkNotByRequests) {
  FairQueue waiting;
  const auto light = MakeQueue(), heavy = MakeQueue();
  const auto ones = Tasks(40, 1), threes = Tasks(40, 3);
  for (const auto& task : ones) Push(waiting, light, task.get());
  for (const auto& task : threes) Push(waiting, heavy, task.get());
  double work_light = 0, work_heavy = 0;
  for (int i = 0; i < 40; ++i) {
    const Task* task = TakeNext(waiting);
    const bool is_light =
        std::any_of(ones.begin(), ones.end(), [&](const auto& one) { return one.get() == task; });
    (is_light ? work_light : work_heavy) += is_light ? 1 : 3;
  }
  EXPECT_NEAR(work_light, work_heavy, 3);
}

TEST(FairQueueTest, ALayerThatWasIdleIsNextButHasSavedUpLittle) {
  FairQueue waiting;
  const auto busy = MakeQueue(), idle = MakeQueue();
  const auto flood = Tasks(100, 1), few = Tasks(10, 1);
  for (const auto& task : flood) Push(waiting, busy, task.get());
  for (int i = 0; i < 50; ++i) TakeNext(waiting);
  for (const auto& task : few) Push(waiting, idle, task.get());
  int of_idle = 0;
  for (int i = 0; i < 10; ++i) {
    const Task* task = TakeNext(waiting);
    of_idle +=
        std::any_of(few.begin(), few.end(), [&](const auto& one) { return one.get() == task; });
  }
  EXPECT_GE(of_idle, 5);
  EXPECT_LE(of_idle, 6);
}

// Its callers wait for their answers: between these it would lose its turn.
TEST(FairQueueTest, ALayerThatWasIdleForAMomentCatchesUp) {
  FairQueue waiting;
  const auto busy = MakeQueue(), idle = MakeQueue();
  const auto flood = Tasks(100, 1e-3), few = Tasks(10, 1e-3);
  for (const auto& task : flood) Push(waiting, busy, task.get());
  for (int i = 0; i < 50; ++i) TakeNext(waiting);
  for (const auto& task : few) Push(waiting, idle, task.get());
  int before_the_flood = 0;
  while (true) {
    const Task* task = TakeNext(waiting);
    if (std::any_of(flood.begin(), flood.end(),
                    [&](const auto& one) { return one.get() == task; })) {
      break;
    }
    ++before_the_flood;
  }
  EXPECT_GE(before_the_flood, 4);
  EXPECT_LE(before_the_flood, 5);
}

TEST(FairQueueTest, OnlyLayersOfWhichLittleWaitsAreFoundForLittleWork) {
  FairQueue waiting;
  const auto small = MakeQueue(), large = MakeQueue();
  Waiting a(milliseconds(0), 1), b(milliseconds(1), 5);
  Push(waiting, large, &b);
  EXPECT_EQ(waiting.FindDue(2, false, kNow).layer, FairQueue::kNone);
  Push(waiting, small, &a);
  const FairQueue::Due due = waiting.FindDue(2, false, kNow);
  ASSERT_NE(due.layer, FairQueue::kNone);
  EXPECT_THAT(waiting.Take(due.layer, 2, kNow).taken.tasks, ElementsAre(&a));
}

TEST(FairQueueTest, ADelayedLayerTellsWhenItIsDueUnlessAllAre) {
  FairQueue waiting;
  Waiting a(milliseconds(995), 1e-6);
  Push(waiting, MakeQueue({.max_queue_delay = milliseconds(20)}), &a);
  const FairQueue::Due due = waiting.FindDue(kAnything, false, kNow);
  EXPECT_EQ(due.layer, FairQueue::kNone);
  EXPECT_EQ(due.next, Clock::time_point(milliseconds(1015)));
  EXPECT_NE(waiting.FindDue(kAnything, true, kNow).layer, FairQueue::kNone);
  EXPECT_NE(waiting.FindDue(kAnything, false, due.next).layer, FairQueue::kNone);
}

TEST(FairQueueTest, WhatIsTakenHoldsItsBytesUntilTheyAreReleased) {
  FairQueue waiting;
  const auto queue = MakeQueue();
  Waiting a(milliseconds(0), 1, 1, 10), b(milliseconds(1), 1, 1, 20);
  Push(waiting, queue, &a);
  Push(waiting, queue, &b);
  const Batch batch = waiting.Take(0, 1, kNow);
  EXPECT_EQ(waiting.stats().tasks, 1);
  EXPECT_EQ(waiting.stats().bytes, 30);
  EXPECT_EQ(waiting.stats().seconds, 1);
  waiting.ReleaseBytes(batch.taken.tasks);
  EXPECT_EQ(waiting.stats().bytes, 20);
  EXPECT_THAT(waiting.Withdraw(*queue, b), ElementsAre(&b));
  EXPECT_EQ(waiting.stats().bytes, 0);
  EXPECT_TRUE(waiting.empty());
  EXPECT_THAT(waiting.Withdraw(*queue, b), IsEmpty());
  EXPECT_THAT(waiting.Withdraw(*queue, a), IsEmpty());
}

TEST(FairQueueTest, WithOnePartThatIsTooLateGoTheOthers) {
  FairQueue waiting;
  const auto queue = MakeQueue();
  Waiting whole(milliseconds(0), 1), other(milliseconds(1), 1);
  whole.deadline = kNow;
  auto* split = new SplitTask(&whole, std::vector<batch::Input>(3));
  LayerQueuePeer::Split(whole, *split, Clock::time_point(milliseconds(0)), 1);
  const std::vector<Task*> parts = split->parts();
  for (Task* part : {parts[1], parts[2]}) part->deadline = Clock::time_point::max();
  waiting.Push(queue, parts);
  Push(waiting, queue, &other);
  const Batch batch = waiting.Take(0, 1, kNow);
  EXPECT_THAT(batch.taken.tasks, ElementsAre(parts[1]));
  EXPECT_THAT(batch.taken.hopeless, ElementsAre(parts[0], parts[2]));
  EXPECT_EQ(waiting.stats().tasks, 1);
  EXPECT_EQ(waiting.stats().bytes, 2);
  waiting.ReleaseBytes(batch.taken.tasks);
  for (Task* part : parts) part->Fail(absl::DeadlineExceededError("late"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(whole.status));
  EXPECT_THAT(waiting.Take(0, 1, kNow).taken.tasks, ElementsAre(&other));
}

TEST(FairQueueTest, TheBacklogIsThatOfTheLayerAndOfAll) {
  FairQueue waiting;
  const auto first = MakeQueue(), second = MakeQueue();
  Waiting a(milliseconds(0), 2, 1, 10), b(milliseconds(1), 3, 1, 20);
  Push(waiting, first, &a);
  const Backlog before = waiting.BacklogFor(*second);
  EXPECT_EQ(before.layers, 2);
  EXPECT_EQ(before.layer_seconds, 0);
  Push(waiting, second, &b);
  const Backlog after = waiting.BacklogFor(*second);
  EXPECT_EQ(after.layers, 2);
  EXPECT_EQ(after.bytes, 30);
  EXPECT_EQ(after.seconds, 5);
  EXPECT_EQ(after.layer_seconds, 3);
}

}  // namespace
}  // namespace convoy::batching
