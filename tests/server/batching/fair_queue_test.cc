#include "server/batching/fair_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "server/batching/split_task.h"
#include "server/batching/task.h"
#include "tests/server/batching/entries.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::MakeEntry;
using ::convoy::testing::MakeHandle;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kAnything = std::numeric_limits<double>::infinity();
const Clock::time_point kNow{milliseconds(1000)};

using Layer = std::shared_ptr<LayerHandle>;

void Push(FairQueue& waiting, const Layer& layer, Entry& entry) {
  Entry* const one = &entry;
  waiting.Push(layer, absl::MakeConstSpan(&one, 1));
}

// Takes one task of the layer whose turn it is.
Entry* TakeNext(FairQueue& waiting) {
  const FairQueue::Due due = waiting.FindDue(kAnything, false, kNow);
  return due.layer == FairQueue::kNone ? nullptr : waiting.Take(due.layer, 0, kNow).entries[0];
}

using Entries = std::vector<std::unique_ptr<Entry>>;

Entries MakeEntries(int count, double seconds) {
  Entries entries;
  for (int i = 0; i < count; ++i) entries.push_back(MakeEntry(milliseconds(i), seconds));
  return entries;
}

class FailedTask final : public Task {
 public:
  void Succeed(TaskOutput) override {}
  void Fail(absl::Status failure) override { status = std::move(failure); }
  absl::Status status;
};

bool IsOneOf(const Entry* entry, const Entries& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const auto& one) { return one.get() == entry; });
}

TEST(FairQueueTest, LayersTakeTurnsByWorkNotByRequests) {
  FairQueue waiting;
  const auto light = MakeHandle(), heavy = MakeHandle();
  const Entries ones = MakeEntries(40, 1), threes = MakeEntries(40, 3);
  for (const auto& entry : ones) Push(waiting, light, *entry);
  for (const auto& entry : threes) Push(waiting, heavy, *entry);
  double work_light = 0, work_heavy = 0;
  for (int i = 0; i < 40; ++i) {
    const Entry* task = TakeNext(waiting);
    const bool is_light = IsOneOf(task, ones);
    (is_light ? work_light : work_heavy) += is_light ? 1 : 3;
  }
  EXPECT_NEAR(work_light, work_heavy, 3);
}

TEST(FairQueueTest, ALayerThatWasIdleIsNextButHasSavedUpLittle) {
  FairQueue waiting;
  const auto busy = MakeHandle(), idle = MakeHandle();
  const auto flood = MakeEntries(100, 1), few = MakeEntries(10, 1);
  for (const auto& entry : flood) Push(waiting, busy, *entry);
  for (int i = 0; i < 50; ++i) TakeNext(waiting);
  for (const auto& entry : few) Push(waiting, idle, *entry);
  int of_idle = 0;
  for (int i = 0; i < 10; ++i) {
    const Entry* task = TakeNext(waiting);
    of_idle += IsOneOf(task, few);
  }
  EXPECT_GE(of_idle, 5);
  EXPECT_LE(of_idle, 6);
}

// Its callers wait for their answers: between these it would lose its turn.
TEST(FairQueueTest, ALayerThatWasIdleForAMomentCatchesUp) {
  FairQueue waiting;
  const auto busy = MakeHandle(), idle = MakeHandle();
  const auto flood = MakeEntries(100, 1e-3), few = MakeEntries(10, 1e-3);
  for (const auto& entry : flood) Push(waiting, busy, *entry);
  for (int i = 0; i < 50; ++i) TakeNext(waiting);
  for (const auto& entry : few) Push(waiting, idle, *entry);
  int before_the_flood = 0;
  while (true) {
    const Entry* task = TakeNext(waiting);
    if (IsOneOf(task, flood)) {
      break;
    }
    ++before_the_flood;
  }
  EXPECT_GE(before_the_flood, 4);
  EXPECT_LE(before_the_flood, 5);
}

TEST(FairQueueTest, OnlyLayersOfWhichLittleWaitsAreFoundForLittleWork) {
  FairQueue waiting;
  const auto small = MakeHandle(), large = MakeHandle();
  const auto a = MakeEntry(milliseconds(0), 1), b = MakeEntry(milliseconds(1), 5);
  Push(waiting, large, *b);
  EXPECT_EQ(waiting.FindDue(2, false, kNow).layer, FairQueue::kNone);
  Push(waiting, small, *a);
  const FairQueue::Due due = waiting.FindDue(2, false, kNow);
  ASSERT_NE(due.layer, FairQueue::kNone);
  EXPECT_THAT(waiting.Take(due.layer, 2, kNow).entries, ElementsAre(a.get()));
}

TEST(FairQueueTest, ADelayedLayerTellsWhenItIsDueUnlessAllAre) {
  FairQueue waiting;
  const auto a = MakeEntry(milliseconds(995), 1e-6);
  Push(waiting, MakeHandle({.max_queue_delay = milliseconds(20)}), *a);
  const FairQueue::Due due = waiting.FindDue(kAnything, false, kNow);
  EXPECT_EQ(due.layer, FairQueue::kNone);
  EXPECT_EQ(due.next, Clock::time_point(milliseconds(1015)));
  EXPECT_NE(waiting.FindDue(kAnything, true, kNow).layer, FairQueue::kNone);
  EXPECT_NE(waiting.FindDue(kAnything, false, due.next).layer, FairQueue::kNone);
}

TEST(FairQueueTest, WhatIsTakenHoldsItsBytesUntilTheyAreReleased) {
  FairQueue waiting;
  const auto queue = MakeHandle();
  const auto a = MakeEntry(milliseconds(0), 1, 1, 10), b = MakeEntry(milliseconds(1), 1, 1, 20);
  Push(waiting, queue, *a);
  Push(waiting, queue, *b);
  const Batch batch = waiting.Take(0, 1, kNow);
  EXPECT_EQ(waiting.stats().tasks, 1);
  EXPECT_EQ(waiting.stats().bytes, 30);
  EXPECT_EQ(waiting.stats().seconds, 1);
  waiting.ReleaseBytes(batch.entries);
  EXPECT_EQ(waiting.stats().bytes, 20);
  EXPECT_THAT(waiting.Withdraw(*b), ElementsAre(b.get()));
  EXPECT_EQ(waiting.stats().bytes, 0);
  EXPECT_TRUE(waiting.empty());
  EXPECT_THAT(waiting.Withdraw(*b), IsEmpty());
  EXPECT_THAT(waiting.Withdraw(*a), IsEmpty());
}

TEST(FairQueueTest, WithOnePartThatIsTooLateGoTheOthers) {
  FairQueue waiting;
  const auto queue = MakeHandle();
  FailedTask whole;
  const auto other = MakeEntry(milliseconds(1), 1);
  auto* split = new SplitTask(&whole, std::vector<batch::Input>(3));
  whole.entry = {.task = &whole, .split = split, .whole = &whole.entry};
  const std::vector<Entry*> parts = split->parts();
  for (Entry* part : parts) {
    part->bytes = 1;
    part->seconds = 1;
  }
  parts[0]->deadline = kNow;
  waiting.Push(queue, parts);
  Push(waiting, queue, *other);
  const Batch batch = waiting.Take(0, 1, kNow);
  EXPECT_THAT(batch.entries, ElementsAre(parts[1]));
  EXPECT_THAT(batch.hopeless, ElementsAre(parts[0], parts[2]));
  EXPECT_EQ(waiting.stats().tasks, 1);
  EXPECT_EQ(waiting.stats().bytes, 2);
  waiting.ReleaseBytes(batch.entries);
  for (Entry* part : parts) part->task->Fail(absl::DeadlineExceededError("late"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(whole.status));
  EXPECT_THAT(waiting.Take(0, 1, kNow).entries, ElementsAre(other.get()));
}

TEST(FairQueueTest, TheBacklogIsThatOfTheLayerAndOfAll) {
  FairQueue waiting;
  const auto first = MakeHandle(), second = MakeHandle();
  const auto a = MakeEntry(milliseconds(0), 2, 1, 10), b = MakeEntry(milliseconds(1), 3, 1, 20);
  Push(waiting, first, *a);
  const Backlog before = waiting.BacklogFor(*second);
  EXPECT_EQ(before.layers, 2);
  EXPECT_EQ(before.layer_seconds, 0);
  Push(waiting, second, *b);
  const Backlog after = waiting.BacklogFor(*second);
  EXPECT_EQ(after.layers, 2);
  EXPECT_EQ(after.bytes, 30);
  EXPECT_EQ(after.seconds, 5);
  EXPECT_EQ(after.layer_seconds, 3);
}

}  // namespace
}  // namespace convoy::batching
