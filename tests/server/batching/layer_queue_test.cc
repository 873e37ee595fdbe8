#include "server/batching/layer_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/server/batching/entries.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::EntryOptions;
using ::convoy::testing::MakeEntry;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Entries = std::vector<const Entry*>;

Clock::time_point At(int ms) { return Clock::time_point(milliseconds(ms)); }

Batch Take(LayerQueue& queue, double seconds, BatchingOptions options = {},
           Clock::time_point now = {}, int workers = 1) {
  Batch batch;
  queue.Take({.seconds = seconds, .workers = workers}, options, now, batch);
  return batch;
}

// Whose parts they are.
Entries Of(const Batch& batch) {
  Entries entries;
  for (const Batch::Part& part : batch.parts) entries.push_back(part.entry);
  return entries;
}

TEST(LayerQueueTest, ABatchEndsBeforeItsTimeIsExceededButHasOnePart) {
  LayerQueue queue;
  const auto a = MakeEntry({2}), b = MakeEntry({2}), c = MakeEntry({5});
  for (const auto* task : {&a, &b, &c}) queue.Push((*task)->entry, At(0));
  EXPECT_THAT(Of(Take(queue, 4.5)), ElementsAre(&a->entry, &b->entry));
  EXPECT_EQ(queue.waiting_seconds(), 5);
  EXPECT_THAT(Of(Take(queue, 1)), ElementsAre(&c->entry));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.waiting_seconds(), 0);
}

TEST(LayerQueueTest, APartThatIsTooLongIsLeft) {
  LayerQueue queue;
  const auto small = MakeEntry({2}), large = MakeEntry({3});
  queue.Push(small->entry, At(0));
  queue.Push(large->entry, At(0));
  EXPECT_EQ(queue.next_part_seconds(), 2);
  Batch first, second;
  queue.Take({.seconds = 9, .longest_part = 2}, {}, At(0), first);
  EXPECT_THAT(Of(first), ElementsAre(&small->entry));
  EXPECT_EQ(queue.next_part_seconds(), 3);
  queue.Take({.seconds = 9, .longest_part = 2}, {}, At(0), second);
  EXPECT_THAT(Of(second), IsEmpty());
}

TEST(LayerQueueTest, ABatchIsBoundedInRequestsAndBytes) {
  LayerQueue pairs, bytes;
  const EntryOptions small{.bytes = 4};
  const auto a = MakeEntry({1}, small), b = MakeEntry({1}, small), c = MakeEntry({1}, small);
  const auto huge = MakeEntry({1}, {.bytes = 40});
  for (const auto* task : {&a, &b, &c}) pairs.Push((*task)->entry, At(0));
  EXPECT_EQ(Take(pairs, 100, {.max_batch_requests = 2}).parts.size(), 2u);
  EXPECT_EQ(Take(pairs, 100, {.max_batch_requests = 2}).parts.size(), 1u);
  const auto d = MakeEntry({1}, small), e = MakeEntry({1}, small), f = MakeEntry({1}, small);
  for (const auto* task : {&d, &e, &f, &huge}) bytes.Push((*task)->entry, At(0));
  const BatchingOptions limit{.max_batch_bytes = 10};
  EXPECT_EQ(Take(bytes, 100, limit).parts.size(), 2u);
  EXPECT_EQ(Take(bytes, 100, limit).parts.size(), 1u);
  EXPECT_THAT(Of(Take(bytes, 100, limit)), ElementsAre(&huge->entry));
}

TEST(LayerQueueTest, APartIsTakenOnceAndATaskWaitsUntilItsLastOne) {
  LayerQueue queue;
  const auto task = MakeEntry({1, 2, 3});
  queue.Push(task->entry, At(0));
  EXPECT_EQ(queue.waiting_tasks(), 1);
  const Batch first = Take(queue, 3);
  ASSERT_EQ(first.parts.size(), 2u);
  EXPECT_EQ(first.parts[0].index, 0u);
  EXPECT_EQ(first.parts[1].index, 1u);
  EXPECT_EQ(first.seconds, 3);
  EXPECT_EQ(queue.waiting_tasks(), 1);
  EXPECT_EQ(queue.waiting_seconds(), 3);
  EXPECT_EQ(task->entry.queue, &queue);
  EXPECT_EQ(Take(queue, 3).parts[0].index, 2u);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(task->entry.queue, nullptr);
}

TEST(LayerQueueTest, MoreUrgentTasksGoFirstHoweverLateTheyCome) {
  LayerQueue queue;
  const auto usual = MakeEntry({1}), last = MakeEntry({1}, {.priority = 3});
  const auto urgent = MakeEntry({1}, {.priority = 0});
  queue.Push(usual->entry, At(0));
  queue.Push(last->entry, At(0));
  queue.Push(urgent->entry, At(99));
  EXPECT_THAT(Of(Take(queue, 100, {}, At(99))),
              ElementsAre(&urgent->entry, &usual->entry, &last->entry));
}

// So it is not passed again, however many of its level wait.
TEST(LayerQueueTest, ATaskThatWasPassedForATenthOfASecondPerLevelCountsAsMoreUrgent) {
  LayerQueue queue;
  const auto usual = MakeEntry({1}), other = MakeEntry({1}), late = MakeEntry({1});
  const auto last = MakeEntry({1}, {.priority = 3});
  for (const auto* task : {&usual, &other, &last}) queue.Push((*task)->entry, At(0));
  std::vector<std::unique_ptr<testing::TestEntry>> urgent;
  const auto push_urgent = [&](int ms) {
    urgent.push_back(MakeEntry({1}, {.priority = 0}));
    queue.Push(urgent.back()->entry, At(ms));
  };
  for (int i = 0; i < 3; ++i) push_urgent(0);
  queue.Push(late->entry, At(50));
  // The only part of a batch of that time.
  const auto next = [&](int ms) { return Of(Take(queue, 1, {}, At(ms))).at(0); };
  EXPECT_EQ(next(99), &urgent[0]->entry);
  EXPECT_EQ(next(100), &urgent[1]->entry) << "they count as urgent, but came later";
  push_urgent(100);
  EXPECT_EQ(next(101), &urgent[2]->entry);
  EXPECT_EQ(next(102), &usual->entry);
  EXPECT_EQ(next(103), &other->entry);
  for (int i = 0; i < 3; ++i) push_urgent(103);
  EXPECT_EQ(next(149), &urgent[3]->entry);
  EXPECT_EQ(next(150), &urgent[4]->entry);
  EXPECT_EQ(next(200), &urgent[5]->entry) << "the last one has moved up by two levels";
  EXPECT_EQ(next(299), &urgent[6]->entry);
  EXPECT_EQ(next(299), &late->entry);
  push_urgent(299);
  EXPECT_EQ(next(299), &urgent[7]->entry);
  EXPECT_EQ(next(299), &last->entry);
}

TEST(LayerQueueTest, WhoWaitsWithoutMoreUrgentOnesIsNotPassed) {
  LayerQueue queue;
  const auto a = MakeEntry({1}), b = MakeEntry({1});
  const auto urgent = MakeEntry({1}, {.priority = 0}), next = MakeEntry({1}, {.priority = 0});
  queue.Push(a->entry, At(0));
  queue.Push(b->entry, At(0));
  queue.Push(urgent->entry, At(1000));
  EXPECT_THAT(Of(Take(queue, 1, {}, At(1099))), ElementsAre(&urgent->entry));
  queue.Push(next->entry, At(2000));
  EXPECT_THAT(Of(Take(queue, 2, {}, At(2000))), ElementsAre(&next->entry, &a->entry));
}

// Large ones wait as long as they take, and are served all the time.
TEST(LayerQueueTest, UrgentTasksPassLargeOnesHoweverLongThoseTake) {
  LayerQueue queue;
  const auto large = MakeEntry(std::vector<double>(1000, 2e-3));
  queue.Push(large->entry, At(0));
  for (int ms = 0; ms < 1000; ms += 2) {
    const auto urgent = MakeEntry({1e-4}, {.priority = 0});
    queue.Push(urgent->entry, At(ms));
    ASSERT_THAT(Of(Take(queue, 1e-4, {}, At(ms))), ElementsAre(&urgent->entry));
    ASSERT_THAT(Of(Take(queue, 1e-4, {}, At(ms))), ElementsAre(&large->entry));
  }
}

TEST(LayerQueueTest, WhatIsRemovedCountsNoMore) {
  LayerQueue queue;
  const auto a = MakeEntry({2}), b = MakeEntry({3, 1}, {.priority = 2}), c = MakeEntry({5});
  for (const auto* task : {&a, &b, &c}) queue.Push((*task)->entry, At(0));
  queue.Remove(a->entry, At(0));
  EXPECT_EQ(a->entry.queue, nullptr);
  EXPECT_EQ(queue.waiting_seconds(), 9);
  Take(queue, 5);
  Take(queue, 3);
  EXPECT_EQ(queue.waiting_seconds(), 1);
  queue.Remove(b->entry, At(0));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.waiting_seconds(), 0);
  EXPECT_EQ(queue.SecondsBefore(100, 3, 1), 0);
}

TEST(LayerQueueTest, TasksThatWouldBeLateLeaveWithTheBatchAndTakeNoRoomInIt) {
  LayerQueue queue;
  const auto due = [](int ms) { return EntryOptions{.deadline = At(1000 + ms)}; };
  const auto late = MakeEntry({0.01}, due(-1)), exact = MakeEntry({0.01}, due(10));
  const auto good = MakeEntry({0.01}, due(11)), behind = MakeEntry({0.01}, due(-1));
  for (const auto* task : {&late, &exact, &good, &behind}) queue.Push((*task)->entry, At(0));
  const Batch batch = Take(queue, 0.01, {}, At(1000));
  EXPECT_THAT(Of(batch), ElementsAre(&good->entry));
  EXPECT_THAT(batch.dropped, ElementsAre(&late->entry, &exact->entry, &behind->entry));
  EXPECT_TRUE(queue.empty());
}

TEST(LayerQueueTest, OfALargeTaskCountsWhatIsLeftOverTheWorkers) {
  const EntryOptions due{.deadline = At(35)};
  const auto parts = std::vector<double>(4, 0.01);
  for (const int workers : {1, 2}) {
    LayerQueue queue;
    const auto task = MakeEntry(parts, due);
    queue.Push(task->entry, At(0));
    EXPECT_EQ(Take(queue, 0.01, {}, At(0), workers).parts.size(), workers == 1 ? 0u : 1u);
  }
  LayerQueue queue;
  const auto task = MakeEntry(parts, due);
  queue.Push(task->entry, At(-10));
  EXPECT_THAT(Take(queue, 0.01, {}, At(-10)).dropped, IsEmpty());
  EXPECT_THAT(Take(queue, 0.01, {}, At(4)).dropped, IsEmpty());
  EXPECT_THAT(Take(queue, 0.01, {}, At(16)).dropped, ElementsAre(&task->entry));
}

TEST(LayerQueueTest, BeforeATaskGoWhatIsMoreUrgentAndItsShareOfItsOwnLevel) {
  LayerQueue queue;
  const auto urgent = MakeEntry({0.03, 0.04}, {.priority = 0}), large = MakeEntry({0.05, 0.05});
  const auto small = MakeEntry({0.005}), last = MakeEntry({0.08}, {.priority = 3});
  for (const auto* task : {&urgent, &large, &small, &last}) queue.Push((*task)->entry, At(0));
  EXPECT_DOUBLE_EQ(queue.SecondsBefore(0.02, kDefaultPriority, 1), 0.07 + 0.02 + 0.005);
  EXPECT_DOUBLE_EQ(queue.SecondsBefore(0.02, 0, 1), 0.02);
  EXPECT_DOUBLE_EQ(queue.SecondsBefore(0.02, 3, 1), 0.07 + 0.105 + 0.02);
}

TEST(LayerQueueTest, OfMoreUrgentWorkGoesBeforeATaskWhatIsDoneWhileItIsPassed) {
  LayerQueue queue;
  const auto urgent = MakeEntry({5, 5}, {.priority = 0});
  queue.Push(urgent->entry, At(0));
  EXPECT_DOUBLE_EQ(queue.SecondsBefore(2, 1, 1), 0.1 + 2);
  EXPECT_DOUBLE_EQ(queue.SecondsBefore(2, 3, 2), 3 * 0.1 * 2 + 2);
}

TEST(LayerQueueTest, WithoutADelayABatchIsDueAtOnce) {
  LayerQueue queue;
  const auto a = MakeEntry({1}, {.arrived = milliseconds(5)});
  queue.Push(a->entry, At(5));
  EXPECT_EQ(queue.ReadyAt(1e9, {}), Clock::time_point::min());
}

TEST(LayerQueueTest, ADelayedBatchIsDueWithItsOldestTaskOrItsTightestDeadline) {
  const BatchingOptions options{.max_queue_delay = microseconds(10000)};
  LayerQueue queue;
  const auto a = MakeEntry({0.001}, {.arrived = milliseconds(5)});
  const auto b = MakeEntry({0.001}, {.arrived = milliseconds(7)});
  queue.Push(a->entry, At(5));
  queue.Push(b->entry, At(7));
  EXPECT_EQ(queue.ReadyAt(1, options), At(15));
  // Its own time, that of the others and five milliseconds before the deadline.
  const auto c = MakeEntry({0.001}, {.arrived = milliseconds(8), .deadline = At(22)});
  queue.Push(c->entry, At(8));
  EXPECT_EQ(queue.ReadyAt(1, options), At(14));
}

TEST(LayerQueueTest, AFullBatchIsDueAtOnce) {
  const auto ready = [](BatchingOptions options, double full_seconds) {
    options.max_queue_delay = microseconds(10000);
    LayerQueue queue;
    const EntryOptions each{.arrived = milliseconds(5), .bytes = 10};
    const auto a = MakeEntry({1}, each), b = MakeEntry({1}, each);
    queue.Push(a->entry, At(5));
    queue.Push(b->entry, At(5));
    return queue.ReadyAt(full_seconds, options) == Clock::time_point::min();
  };
  EXPECT_FALSE(ready({}, 2.5));
  EXPECT_TRUE(ready({}, 2));
  EXPECT_TRUE(ready({.max_batch_requests = 2}, 9));
  EXPECT_TRUE(ready({.max_batch_bytes = 20}, 9));
}

}  // namespace
}  // namespace convoy::batching
