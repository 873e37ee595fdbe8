#include "server/batching/fair_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "server/batching/tenant.h"
#include "tests/server/batching/entries.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::EntryOptions;
using ::convoy::testing::MakeEntry;
using ::convoy::testing::MakeHandle;
using ::convoy::testing::TestEntry;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Layer = std::shared_ptr<LayerHandle>;

const Clock::time_point kNow{milliseconds(1000)};

class FairQueueTest : public ::testing::Test {
 protected:
  FairQueueTest() { UseLimits({}); }

  // Nothing is refused unless `limits` say so.
  void UseLimits(AdmissionLimits limits, double small_seconds = 0) {
    const AdmissionLimits wide{
        .max_bytes = int64_t{1} << 40, .max_unread_bytes = int64_t{1} << 40, .max_seconds = 1e9};
    if (limits.max_bytes == 0) limits.max_bytes = wide.max_bytes;
    if (limits.max_unread_bytes == 0) limits.max_unread_bytes = wide.max_unread_bytes;
    if (limits.max_seconds == 0) limits.max_seconds = wide.max_seconds;
    queue_ = std::make_unique<FairQueue>(
        FairQueue::Options{.limits = limits, .small_seconds = small_seconds});
  }

  absl::Status TryPush(const Layer& layer, std::vector<double> parts, EntryOptions options = {}) {
    tasks_.push_back(MakeEntry(std::move(parts), options));
    return queue_->Push(layer, tasks_.back()->entry, 0, kNow);
  }
  Entry& Push(const Layer& layer, std::vector<double> parts, EntryOptions options = {}) {
    EXPECT_TRUE(TryPush(layer, std::move(parts), options).ok());
    return tasks_.back()->entry;
  }
  void PushMany(const Layer& layer, int count, double seconds) {
    for (int i = 0; i < count; ++i) Push(layer, {seconds});
  }

  Batch Take(Clock::time_point now = kNow) {
    Clock::time_point next_due;
    return queue_->TakeForWorker(now, &next_due);
  }
  std::vector<Entry*> Finish(const Batch& batch, const absl::Status& status = absl::OkStatus()) {
    std::vector<Entry*> done;
    queue_->Finish(batch, status, kNow, done);
    return done;
  }
  // Takes batches and does them, as long as they say, until so much work was done.
  // Returns the seconds of each layer.
  std::vector<double> Work(const std::vector<Layer>& layers, double seconds,
                           const std::vector<double>& error) {
    std::vector<double> received(layers.size());
    for (double sum = 0; sum < seconds;) {
      const Batch batch = Take();
      const size_t layer = std::find(layers.begin(), layers.end(), batch.layer) - layers.begin();
      Finish(batch);
      queue_->Settle(batch, batch.seconds * error.at(layer));
      received[layer] += batch.seconds * error[layer];
      sum += batch.seconds * error[layer];
    }
    return received;
  }

  std::unique_ptr<FairQueue> queue_;
  std::vector<std::unique_ptr<TestEntry>> tasks_;
};

TEST_F(FairQueueTest, LayersTakeTurnsByWorkNotByRequests) {
  const Layer light = MakeHandle(), heavy = MakeHandle();
  PushMany(light, 2000, 1e-3);
  PushMany(heavy, 1000, 3e-3);
  const auto received = Work({light, heavy}, 1, {1, 1});
  EXPECT_NEAR(received[0], 0.5, 6e-3);
}

TEST_F(FairQueueTest, WorkIsWhatWasMeasured) {
  const Layer right = MakeHandle(), wrong = MakeHandle();
  PushMany(right, 5000, 1e-3);
  PushMany(wrong, 5000, 1e-3);
  const auto received = Work({right, wrong}, 4, {1, 10});
  EXPECT_NEAR(received[0], 2, 0.1);
}

TEST_F(FairQueueTest, ALayerThatWasIdleIsNextButHasSavedUpLittle) {
  const Layer busy = MakeHandle(), idle = MakeHandle();
  PushMany(busy, 2000, 1e-3);
  Work({busy}, 1, {1});
  PushMany(idle, 100, 1e-3);
  // 4 ms before the others' turn, then in turns.
  const auto received = Work({busy, idle}, 0.02, {1, 1});
  EXPECT_NEAR(received[1], 0.012, 3e-3);
  EXPECT_GT(received[0], 0.005);
}

// Its callers wait for their answers: between these it would lose its turn.
TEST_F(FairQueueTest, ALayerThatWasIdleForAMomentCatchesUp) {
  const Layer busy = MakeHandle(), idle = MakeHandle();
  PushMany(busy, 2000, 1e-3);
  Work({busy}, 1, {1});
  PushMany(idle, 4, 1e-3);
  EXPECT_GE(Work({busy, idle}, 4e-3, {1, 1})[1], 3.9e-3);
}

// Takes batches and does them until so much work was done; the seconds of each tenant.
std::vector<double> WorkOf(FairQueue& queue, const std::vector<Tenant*>& tenants, double seconds) {
  std::vector<double> received(tenants.size());
  for (double sum = 0; sum < seconds;) {
    Clock::time_point next_due;
    const Batch batch = queue.TakeForWorker(kNow, &next_due);
    std::vector<Entry*> done;
    queue.Finish(batch, absl::OkStatus(), kNow, done);
    queue.Settle(batch, batch.seconds);
    for (const Batch::Part& part : batch.parts) EXPECT_EQ(part.entry->tenant, batch.tenant);
    received[std::find(tenants.begin(), tenants.end(), batch.tenant) - tenants.begin()] +=
        batch.seconds;
    sum += batch.seconds;
  }
  return received;
}

TEST_F(FairQueueTest, TenantsShareByTheirWeightsHoweverManyLayersAndTasksTheyHave) {
  Tenant flood("flood"), modest("modest"), heavy("heavy");
  heavy.SetLimits({.weight = 2});
  const std::vector<Layer> layers = {MakeHandle(), MakeHandle(), MakeHandle()};
  for (const Layer& layer : layers) {
    for (int i = 0; i < 1000; ++i) Push(layer, {1e-3}, {.tenant = &flood});
  }
  for (int i = 0; i < 400; ++i) Push(layers[0], {1e-3}, {.tenant = &modest});
  for (int i = 0; i < 800; ++i) Push(layers[1], {1e-3}, {.tenant = &heavy});
  const auto received = WorkOf(*queue_, {&flood, &modest, &heavy}, 1);
  EXPECT_NEAR(received[0], 0.25, 0.02);
  EXPECT_NEAR(received[1], 0.25, 0.02);
  EXPECT_NEAR(received[2], 0.5, 0.02);
}

TEST_F(FairQueueTest, ATenantsLayersShareWhatItReceives) {
  Tenant one("one"), other("other");
  const std::vector<Layer> layers = {MakeHandle(), MakeHandle(), MakeHandle()};
  for (int i = 0; i < 1000; ++i) {
    Push(layers[0], {1e-3}, {.tenant = &one});
    Push(layers[1], {1e-3}, {.tenant = &one});
    Push(layers[2], {1e-3}, {.tenant = &other});
  }
  const auto received = Work(layers, 1, {1, 1, 1});
  EXPECT_NEAR(received[0], 0.25, 0.02);
  EXPECT_NEAR(received[1], 0.25, 0.02);
  EXPECT_NEAR(received[2], 0.5, 0.02);
}

TEST_F(FairQueueTest, TenantsOfOneLayerDoNotShareABatchAndAreToldAsOneBacklog) {
  Tenant one("one"), other("other");
  const Layer layer = MakeHandle();
  Push(layer, {1e-4}, {.tenant = &one});
  Push(layer, {1e-4}, {.tenant = &other});
  Push(layer, {1e-4}, {.tenant = &one});
  const auto backlogs = queue_->Backlogs();
  ASSERT_EQ(backlogs.size(), 1);
  EXPECT_EQ(backlogs[0].second.requests, 3);
  EXPECT_EQ(Take().parts.size(), 2);
  EXPECT_EQ(Take().parts.size(), 1);
  EXPECT_TRUE(queue_->empty());
}

TEST_F(FairQueueTest, ATenantThatWasIdleIsNextButHasSavedUpLittle) {
  Tenant busy("busy"), late("late");
  const Layer layer = MakeHandle();
  for (int i = 0; i < 3000; ++i) Push(layer, {1e-3}, {.tenant = &busy});
  WorkOf(*queue_, {&busy, &late}, 1);
  for (int i = 0; i < 1000; ++i) Push(layer, {1e-3}, {.tenant = &late});
  EXPECT_EQ(Take().tenant, &late);
  const auto received = WorkOf(*queue_, {&busy, &late}, 0.5);
  EXPECT_NEAR(received[0], 0.25, 0.02);
}

TEST_F(FairQueueTest, AWaitIsEstimatedByTheSharesOfTenants) {
  UseLimits({.max_seconds = 0.3, .workers = 1});
  Tenant flood("flood"), modest("modest");
  const Layer layer = MakeHandle();
  int taken = 0;
  while (TryPush(layer, {1e-2}, {.tenant = &flood}).ok()) ++taken;
  EXPECT_NEAR(taken, 30, 2);
  // One's flood is not in the way of the other, but for its share of the time.
  taken = 0;
  while (TryPush(layer, {1e-2}, {.tenant = &modest}).ok()) ++taken;
  EXPECT_NEAR(taken, 15, 3);
}

TEST_F(FairQueueTest, ASubmittersThreadTakesSmallPartsALittleAtATime) {
  UseLimits({}, 2e-4);
  const Layer small = MakeHandle(), large = MakeHandle();
  Push(large, {5e-4});
  EXPECT_EQ(queue_->TakeSmall(kNow).layer, nullptr);
  EXPECT_TRUE(queue_->wants_worker());
  PushMany(small, 5, 1e-4);
  for (const size_t parts : {2, 2, 1}) {
    const Batch batch = queue_->TakeSmall(kNow);
    EXPECT_EQ(batch.layer, small);
    EXPECT_EQ(batch.parts.size(), parts);
  }
  EXPECT_EQ(queue_->TakeSmall(kNow).layer, nullptr);
}

TEST_F(FairQueueTest, ASubmittersThreadLeavesALargePartThatTurnsOutToBeNext) {
  UseLimits({}, 2e-4);
  const Layer layer = MakeHandle();
  Entry& late = Push(layer, {1e-4}, {.deadline = kNow + std::chrono::microseconds(500)});
  Entry& large = Push(layer, {5e-4});
  const Batch batch = queue_->TakeSmall(kNow + milliseconds(1));
  EXPECT_THAT(batch.dropped, ElementsAre(&late));
  EXPECT_THAT(batch.parts, IsEmpty());
  EXPECT_EQ(Take().parts[0].entry, &large);
}

// Else the account of a small layer would run away from that of a flooded one.
TEST_F(FairQueueTest, ASubmittersThreadDoesNotGoFarAheadOfTheOthers) {
  UseLimits({}, 2e-4);
  const Layer small = MakeHandle(), flooded = MakeHandle();
  PushMany(flooded, 100, 2e-3);
  double taken = 0;
  for (int i = 0; i < 1000; ++i) {
    Push(small, {1e-4});
    const Batch batch = queue_->TakeSmall(kNow);
    if (batch.layer == nullptr) break;
    taken += batch.seconds;
    Finish(batch);
  }
  EXPECT_GT(taken, 3.9e-3);
  EXPECT_LT(taken, 4.3e-3);
  EXPECT_EQ(Take().layer, flooded);
  EXPECT_EQ(queue_->TakeSmall(kNow).layer, small) << "the flooded layer has received more again";
}

TEST_F(FairQueueTest, ADelayedLayerTellsWhenItIsDueUnlessDelaysAreOver) {
  const Layer delayed = MakeHandle({.max_queue_delay = milliseconds(20)});
  Push(delayed, {1e-6}, {.arrived = milliseconds(995)});
  Clock::time_point next_due;
  EXPECT_EQ(queue_->TakeForWorker(kNow, &next_due).layer, nullptr);
  EXPECT_EQ(next_due, Clock::time_point(milliseconds(1015)));
  EXPECT_EQ(queue_->TakeForWorker(next_due, &next_due).layer, delayed);
  Push(delayed, {1e-6}, {.arrived = milliseconds(995)});
  queue_->EndDelays();
  EXPECT_EQ(Take().layer, delayed);
}

// It was as good as idle, and had the clock stand still for all who come.
TEST_F(FairQueueTest, ALayerThatWasDelayedForLongHoldsNobodyUp) {
  const Layer delayed = MakeHandle({.max_queue_delay = std::chrono::hours(1)});
  const Layer busy = MakeHandle(), late = MakeHandle();
  Push(delayed, {1e-6}, {.arrived = milliseconds(999)});
  PushMany(busy, 3000, 1e-3);
  Work({busy}, 1, {1});
  PushMany(late, 1000, 1e-3);
  const auto received = Work({busy, late}, 0.1, {1, 1});
  EXPECT_NEAR(received[0], 0.05, 0.01);
  for (int i = 0; i < 1000; ++i) Push(delayed, {1e-3}, {.arrived = milliseconds(999)});
  queue_->EndDelays();
  EXPECT_NEAR(Work({busy, late, delayed}, 0.3, {1, 1, 1})[2], 0.1, 0.01);
}

TEST_F(FairQueueTest, ABatchIsAWorkersShareOfWhatWaitsOfTheLayer) {
  UseLimits({.workers = 4});
  const Layer layer = MakeHandle();
  PushMany(layer, 16, 1e-4);
  EXPECT_EQ(Take().parts.size(), 4u);
  EXPECT_EQ(Take().parts.size(), 3u);
}

TEST_F(FairQueueTest, ATaskHoldsItsBytesOnceUntilAllItsPartsWereComputed) {
  const Layer layer = MakeHandle();
  // Its parts read 20 bytes each, some of them twice.
  tasks_.push_back(MakeEntry({2e-3, 2e-3, 2e-3}, {.bytes = 20}));
  tasks_.back()->entry.bytes = 30;
  Entry& task = tasks_.back()->entry;
  ASSERT_TRUE(queue_->Push(layer, task, 0, kNow).ok());
  EXPECT_EQ(queue_->stats().bytes, 30);
  EXPECT_EQ(queue_->stats().tasks, 1);
  const Batch first = Take(), second = Take(), third = Take();
  EXPECT_EQ(queue_->stats().tasks, 0);
  EXPECT_THAT(Finish(third), IsEmpty());
  EXPECT_THAT(Finish(first), IsEmpty());
  EXPECT_EQ(queue_->stats().bytes, 30);
  EXPECT_THAT(Finish(second), ElementsAre(&task));
  EXPECT_TRUE(task.failure.ok());
  EXPECT_EQ(queue_->stats().bytes, 0);
}

TEST_F(FairQueueTest, WhatIsWithdrawnIsNotTakenAndLeavesItsRoom) {
  const Layer layer = MakeHandle();
  Entry& gone = Push(layer, {2e-3}, {.bytes = 10});
  Entry& stays = Push(layer, {2e-3}, {.bytes = 20});
  EXPECT_TRUE(queue_->Withdraw(gone, absl::CancelledError("gone"), kNow));
  EXPECT_EQ(gone.failure, absl::CancelledError("gone"));
  EXPECT_EQ(queue_->stats().bytes, 20);
  EXPECT_FALSE(queue_->Withdraw(gone, absl::CancelledError("again"), kNow));
  const Batch batch = Take();
  ASSERT_EQ(batch.parts.size(), 1u);
  EXPECT_EQ(batch.parts[0].entry, &stays);
  EXPECT_FALSE(queue_->Withdraw(stays, absl::CancelledError("too late"), kNow));
  EXPECT_THAT(Finish(batch), ElementsAre(&stays));
  EXPECT_TRUE(stays.failure.ok());
  EXPECT_TRUE(queue_->empty());
  EXPECT_EQ(queue_->stats().seconds, 0);
  EXPECT_EQ(queue_->stats().answer_bytes, 0);
}

TEST_F(FairQueueTest, MemoryIsThatOfThePartsThatRunAtATimeAndComesBackWithTheirTask) {
  UseLimits({.max_run_bytes = 1024, .workers = 2});
  const Layer layer = MakeHandle();
  Entry& task = Push(layer, {2e-3, 2e-3, 2e-3}, {.run_bytes = 256});  // 512 at a time
  EXPECT_FALSE(TryPush(layer, {2e-3}, {.run_bytes = 1025}).ok());
  EXPECT_FALSE(TryPush(layer, {2e-3}, {.run_bytes = 900}).ok());
  Entry& beside = Push(layer, {2e-3}, {.run_bytes = 512});
  EXPECT_TRUE(queue_->Withdraw(beside, absl::CancelledError("gone"), kNow));
  const Batch first = Take(), second = Take(), third = Take();
  Finish(first), Finish(second);
  EXPECT_FALSE(TryPush(layer, {2e-3}, {.run_bytes = 900}).ok());
  EXPECT_THAT(Finish(third), ElementsAre(&task));
  EXPECT_TRUE(TryPush(layer, {2e-3}, {.run_bytes = 900}).ok());
}

TEST_F(FairQueueTest, OfAWithdrawnTaskWhatRunsIsWaitedFor) {
  const Layer layer = MakeHandle();
  Entry& gone = Push(layer, {2e-3, 2e-3, 2e-3});
  const Batch running = Take();
  EXPECT_FALSE(queue_->Withdraw(gone, absl::CancelledError("gone"), kNow));
  EXPECT_EQ(queue_->stats().tasks, 0);
  EXPECT_EQ(Take().layer, nullptr);
  EXPECT_THAT(Finish(running), ElementsAre(&gone));
  EXPECT_EQ(gone.failure, absl::CancelledError("gone"));
}

TEST_F(FairQueueTest, ATaskOfWhichAPartFailedIsNotComputedFurther) {
  const Layer layer = MakeHandle();
  Entry& task = Push(layer, {2e-3, 2e-3, 2e-3});
  const Batch first = Take(), second = Take();
  EXPECT_THAT(Finish(first, absl::InternalError("broken")), IsEmpty());
  EXPECT_TRUE(queue_->empty());
  EXPECT_THAT(Finish(second), ElementsAre(&task));
  EXPECT_EQ(task.failure, absl::InternalError("broken"));
  EXPECT_EQ(queue_->stats().bytes, 0);
}

TEST_F(FairQueueTest, ATaskThatWouldBeLateIsDroppedAtItsTurnOrWhenWhatRunsOfItEnds) {
  const Layer layer = MakeHandle();
  const Clock::time_point soon = kNow + milliseconds(9);
  Entry& waits = Push(layer, {2e-3}, {.deadline = soon});
  Entry& runs = Push(layer, {2e-3, 2e-3}, {.deadline = soon});
  Entry& good = Push(layer, {2e-3});
  ASSERT_EQ(Take().parts[0].entry, &waits);
  const Batch running = Take();
  ASSERT_EQ(running.parts[0].entry, &runs);
  Entry& late = Push(layer, {1e-4}, {.deadline = soon});
  const Batch batch = Take(soon);
  EXPECT_THAT(batch.dropped, ElementsAre(&late));
  EXPECT_TRUE(absl::IsDeadlineExceeded(late.failure));
  ASSERT_EQ(batch.parts.size(), 1u);
  EXPECT_EQ(batch.parts[0].entry, &good);
  EXPECT_TRUE(queue_->empty()) << "its other part would be late";
  EXPECT_THAT(Finish(running), ElementsAre(&runs));
  EXPECT_TRUE(absl::IsDeadlineExceeded(runs.failure));
}

TEST_F(FairQueueTest, HowLongPartsOfATaskRanIsNotedHoweverTheyOverlap) {
  UseLimits({.workers = 2});
  const Layer layer = MakeHandle();
  Entry& task = Push(layer, {2e-3, 2e-3, 2e-3});
  const auto take = [&](int ms) { return Take(kNow + milliseconds(ms)); };
  const auto finish = [&](const Batch& batch, int ms) {
    std::vector<Entry*> done;
    queue_->Finish(batch, absl::OkStatus(), kNow + milliseconds(ms), done);
  };
  const Batch first = take(0), second = take(2);
  finish(first, 3);
  finish(second, 5);
  const Batch third = take(10);
  finish(third, 12);
  EXPECT_EQ(task.ran, milliseconds(7));
  EXPECT_EQ(task.ran_until, kNow + milliseconds(12));
}

// By the rule by which tasks are taken: what goes before is the task's share of its
// own layer, and as much of each other.
TEST_F(FairQueueTest, AWaitIsEstimatedByTheSharesOfLayersAndTasks) {
  UseLimits({.max_seconds = 5});
  const Layer flooded = MakeHandle(), other = MakeHandle();
  for (int i = 0; i < 3; ++i) Push(flooded, std::vector<double>(1000, 2e-3));
  EXPECT_TRUE(absl::IsResourceExhausted(TryPush(flooded, {2}))) << "two seconds of each";
  EXPECT_TRUE(TryPush(flooded, {1}).ok()) << "smaller tasks pass";
  EXPECT_TRUE(TryPush(flooded, {2}, {.priority = 0}).ok()) << "urgent tasks pass";
  EXPECT_FALSE(TryPush(flooded, {1}, {.priority = 3}).ok()) << "others do not";
  EXPECT_TRUE(TryPush(other, {4}).ok()) << "another layer waits for as much of this one";
  EXPECT_FALSE(TryPush(other, {4}).ok());
}

TEST_F(FairQueueTest, ALayerThatHasBeenSlowIsExpectedToBeSlow) {
  UseLimits({.max_seconds = 3});
  const Layer layer = MakeHandle();
  PushMany(layer, 1000, 1e-3);
  Work({layer}, 3.95, {4});
  Push(layer, {0.5});
  EXPECT_TRUE(TryPush(layer, {0.5}).ok());
  EXPECT_FALSE(TryPush(layer, {0.5}).ok());
}

TEST_F(FairQueueTest, ARefusedTaskLeavesNothing) {
  UseLimits({.max_bytes = 10});
  const Layer layer = MakeHandle();
  Push(layer, {1}, {.bytes = 10});
  const QueueStats before = queue_->stats();
  EXPECT_TRUE(absl::IsResourceExhausted(TryPush(layer, {1}, {.bytes = 1})));
  EXPECT_EQ(queue_->stats().tasks, before.tasks);
  EXPECT_EQ(queue_->stats().bytes, before.bytes);
  EXPECT_EQ(queue_->stats().seconds, before.seconds);
  EXPECT_EQ(tasks_.back()->entry.queue, nullptr);
}

}  // namespace
}  // namespace convoy::batching
