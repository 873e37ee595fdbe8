#include "server/batching/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "server/batching/admission.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/reference.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::Floats;
using ::convoy::testing::LayerOf;
using ::convoy::testing::MakeRequest;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;
using ::convoy::testing::Request;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Waits until it is opened.
class Gate {
 public:
  void Open() {
    std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

// Keeps its answer; may hold the thread that calls back.
class TestTask : public Task {
 public:
  explicit TestTask(std::unique_ptr<Request> request) : request_(std::move(request)) {
    input = request_->input;
  }

  void Succeed(TaskOutput output) override {
    answer = Floats(output);
    Finish(absl::OkStatus());
  }
  void Fail(absl::Status failure) override { Finish(std::move(failure)); }

  // Waits for the call-back.
  const absl::Status& Wait() {
    done_.Wait();
    return status;
  }

  const Request& request() const { return *request_; }

  // Set before Submit: the call-back announces itself and waits.
  Gate* entered = nullptr;
  Gate* hold = nullptr;

  std::vector<float> answer;
  absl::Status status;
  std::atomic<int> calls{0};

 private:
  void Finish(absl::Status result) {
    status = std::move(result);
    calls.fetch_add(1);
    if (entered != nullptr) entered->Open();
    if (hold != nullptr) hold->Wait();
    done_.Open();
  }

  const std::unique_ptr<Request> request_;
  Gate done_;
};

// Remembers how many parts each batch had.
class BatchSizes : public BatchObserver {
 public:
  explicit BatchSizes(std::vector<int64_t>& sizes, std::mutex& mutex)
      : sizes_(sizes), mutex_(mutex) {}
  void OnBatch(const BatchReport& report) override {
    std::lock_guard<std::mutex> lock(mutex_);
    sizes_.push_back(report.parts);
  }

 private:
  std::vector<int64_t>& sizes_;
  std::mutex& mutex_;
};

class SchedulerTest : public ::testing::Test {
 protected:
  SchedulerTest() {
    layer::Conv1DConfig config;
    config.filters = 8;
    config.window.kernel_size = 3;
    layer_ = LayerOf(config, 4, random_);
  }

  std::shared_ptr<LayerHandle> MakeQueue() {
    return std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer_).value(),
                                         std::make_unique<BatchSizes>(batch_sizes_, mutex_));
  }

  std::unique_ptr<TestTask> MakeTask(int64_t length = 10) {
    return std::make_unique<TestTask>(
        MakeRequest(*layer_, 1, length, RandomFloats(random_, length * 4), 0, random_));
  }

  void ExpectRight(const TestTask& task) {
    ASSERT_TRUE(task.status.ok()) << task.status;
    const auto expected =
        testing::ReferenceConv1D(*layer_, task.input.shape, task.request().values).output;
    ASSERT_EQ(task.answer.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(task.answer[i], expected[i], 1e-4);
  }

  // One worker, held inside a call-back until `hold` opens.
  std::unique_ptr<TestTask> HoldWorker(Scheduler& scheduler,
                                       const std::shared_ptr<LayerHandle>& queue, Gate& hold) {
    Gate entered;
    auto task = MakeTask();
    task->entered = &entered;
    task->hold = &hold;
    EXPECT_TRUE(scheduler.Submit(queue, task.get()).ok());
    entered.Wait();
    return task;
  }

  Random random_{7};
  std::shared_ptr<const layer::Conv1D> layer_;
  std::mutex mutex_;
  std::vector<int64_t> batch_sizes_;
};

// Everything goes to workers.
SchedulerOptions ForWorkers(int workers = 1) {
  SchedulerOptions options;
  options.workers = workers;
  options.small_seconds = 0;
  return options;
}

TEST_F(SchedulerTest, WorkersStandBackAsFarAsTheyAreToldAndNoFurther) {
  // Answers where its worker is nice.
  class NiceTask final : public TestTask {
   public:
    using TestTask::TestTask;
    void Succeed(TaskOutput output) override {
      nice = getpriority(PRIO_PROCESS, 0);
      TestTask::Succeed(std::move(output));
    }
    int nice = 0;
  };
  for (const int nice : {0, 3}) {
    SchedulerOptions options = ForWorkers();
    if (nice > 0) options.worker_nice = nice;
    Scheduler scheduler(options);
    NiceTask task(MakeRequest(*layer_, 1, 10, RandomFloats(random_, 40), 0, random_));
    ASSERT_TRUE(scheduler.Submit(MakeQueue(), &task).ok());
    task.Wait();
    EXPECT_EQ(task.nice, std::min(getpriority(PRIO_PROCESS, 0) + nice, 19));
  }
}

// Whoever ran the batches: workers, or the submitter, who has no time for that.
TEST_F(SchedulerTest, AWorkerTimesTheShapesThatComeOften) {
  for (const bool by_submitter : {false, true}) {
    SchedulerOptions options = ForWorkers();
    if (by_submitter) options.small_seconds = 1;
    Scheduler scheduler(options);
    const auto queue = std::make_shared<LayerHandle>(
        engine::CompiledLayer::Create(layer_, {.tune = true}).value(), nullptr);
    for (int i = 0; i < engine::ExactShapes::kOften; ++i) {
      auto task = MakeTask(41);  // 39 outputs: no tile
      ASSERT_TRUE(scheduler.Submit(queue, task.get()).ok());
      if (by_submitter) {
        EXPECT_TRUE(scheduler.RunSmall());
      }
      task->Wait();
      ExpectRight(*task);
    }
    while (queue->compiled().WantsImprovement()) std::this_thread::yield();
    batch::BufferPool pool(0);
    engine::Workspace workspace(pool);
    EXPECT_FALSE(queue->compiled().Improve(workspace));  // nothing is left to be timed
  }
}

TEST_F(SchedulerTest, ADeterministicTaskIsCutBetweenSequencesOnly) {
  Scheduler scheduler(ForWorkers(2));
  const auto queue = std::make_shared<LayerHandle>(
      engine::CompiledLayer::Create(layer_, {.deterministic = true}).value(), nullptr);
  std::vector<std::vector<float>> answers;
  for (int i = 0; i < 2; ++i) {
    Random same(5);
    const int64_t length = 400000;
    TestTask task(MakeRequest(*layer_, 2, length, RandomFloats(same, 2 * length * 4), 0, same));
    ASSERT_TRUE(scheduler.Submit(queue, &task).ok());
    ASSERT_TRUE(task.Wait().ok());
    answers.push_back(std::move(task.answer));
  }
  EXPECT_EQ(answers[0], answers[1]);
  // Alone and on this thread.
  Random same(5);
  const auto request = MakeRequest(*layer_, 2, 400000, RandomFloats(same, 2 * 400000 * 4), 0, same);
  batch::BufferPool pool(0);
  engine::Workspace workspace(pool);
  const batch::Input* const inputs[] = {&request->input};
  batch::Output output;
  ASSERT_TRUE(queue->compiled().Run(inputs, absl::MakeSpan(&output, 1), workspace).ok());
  EXPECT_EQ(answers[0], Floats(output));
}

TEST_F(SchedulerTest, ATaskIsAnsweredOnce) {
  Scheduler scheduler(ForWorkers());
  auto task = MakeTask();
  ASSERT_TRUE(scheduler.Submit(MakeQueue(), task.get()).ok());
  ASSERT_TRUE(task->Wait().ok());
  ExpectRight(*task);
  scheduler.Shutdown();
  EXPECT_EQ(task->calls, 1);
}

TEST_F(SchedulerTest, WhatWaitsWhenAWorkerBecomesFreeGoesTogether) {
  Scheduler scheduler(ForWorkers());
  const auto queue = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, queue, hold);
  std::vector<std::unique_ptr<TestTask>> waiting;
  for (int64_t length : {3, 17, 10, 250, 4}) {
    waiting.push_back(MakeTask(length));
    ASSERT_TRUE(scheduler.Submit(queue, waiting.back().get()).ok());
  }
  EXPECT_EQ(scheduler.stats().tasks, 5);
  hold.Open();
  for (auto& task : waiting) task->Wait();
  for (auto& task : waiting) ExpectRight(*task);
  first->Wait();
  std::lock_guard<std::mutex> lock(mutex_);
  EXPECT_THAT(batch_sizes_, ElementsAre(1, 5));
}

TEST_F(SchedulerTest, AFullQueueRefusesAtOnceAndTakesAgainWhenItEmpties) {
  SchedulerOptions options = ForWorkers();
  options.max_queue_bytes = 3 * 10 * 4 * 4;  // three tasks of (1, 10, 4)
  Scheduler scheduler(options);
  const auto queue = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, queue, hold);  // answered: its bytes are free again
  std::vector<std::unique_ptr<TestTask>> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(MakeTask());
    ASSERT_TRUE(scheduler.Submit(queue, waiting.back().get()).ok()) << i;
  }
  auto refused = MakeTask();
  const absl::Status status = scheduler.Submit(queue, refused.get());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("limit is 480"));
  EXPECT_EQ(refused->calls, 0);
  EXPECT_FALSE(scheduler.Overloaded()) << "one is not many";
  hold.Open();
  for (auto& task : waiting) ASSERT_TRUE(task->Wait().ok());
  first->Wait();
  ASSERT_TRUE(scheduler.Submit(queue, refused.get()).ok());
  ASSERT_TRUE(refused->Wait().ok());
  EXPECT_EQ(scheduler.stats().bytes, 0);
}

TEST_F(SchedulerTest, WhoTurnsManyAwayIsOverloaded) {
  SchedulerOptions options = ForWorkers();
  options.max_queue_bytes = 1;
  Scheduler scheduler(options);
  const auto queue = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, queue, hold);
  auto waits = MakeTask();
  ASSERT_TRUE(scheduler.Submit(queue, waits.get()).ok())
      << "a task larger than the queue goes alone";
  EXPECT_FALSE(scheduler.Overloaded());
  auto refused = MakeTask();
  // A machine that stops in between has them too far apart: then some more.
  while (!scheduler.Overloaded()) {
    ASSERT_EQ(scheduler.Submit(queue, refused.get()).code(), absl::StatusCode::kResourceExhausted);
  }
  hold.Open();
  first->Wait();
  ASSERT_TRUE(waits->Wait().ok());
}

// Keeps its answer's memory, as a caller who does not read.
class UnreadTask final : public TestTask {
 public:
  using TestTask::TestTask;
  void Succeed(TaskOutput output) override {
    unread_ = std::move(output);
    TestTask::Succeed({});
  }
  void Read() { const TaskOutput read = std::move(unread_); }

 private:
  TaskOutput unread_;
};

TEST_F(SchedulerTest, UnreadAnswersRefuseMoreUntilTheyAreRead) {
  SchedulerOptions options = ForWorkers();
  constexpr int64_t kAnswer = 8 * 8 * 4;  // (1, 8, 8), in a block of 4096
  options.max_unread_bytes = 4096 + 2 * kAnswer;
  Scheduler scheduler(options);
  const auto queue = MakeQueue();
  const auto make = [&] {
    return std::make_unique<UnreadTask>(
        MakeRequest(*layer_, 1, 10, RandomFloats(random_, 40), 0, random_));
  };
  const auto unread = make();
  ASSERT_TRUE(scheduler.Submit(queue, unread.get()).ok());
  ASSERT_TRUE(unread->Wait().ok());
  // Answers to come count too.
  Gate entered, hold;
  const auto running = make();
  running->entered = &entered;
  running->hold = &hold;
  ASSERT_TRUE(scheduler.Submit(queue, running.get()).ok());
  entered.Wait();
  const auto refused = make();
  const absl::Status status = scheduler.Submit(queue, refused.get());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("read too slowly"));
  unread->Read();
  ASSERT_TRUE(scheduler.Submit(queue, refused.get()).ok());
  EXPECT_EQ(scheduler.stats().answer_bytes, kAnswer);
  const auto third = make();
  const auto fourth = make();
  ASSERT_TRUE(scheduler.Submit(queue, third.get()).ok());
  EXPECT_FALSE(scheduler.Submit(queue, fourth.get()).ok());
  hold.Open();
  for (UnreadTask* task : {running.get(), refused.get(), third.get()}) {
    EXPECT_TRUE(task->Wait().ok());
    task->Read();
  }
  scheduler.Shutdown();
  EXPECT_EQ(scheduler.stats().answer_bytes, 0);
  EXPECT_EQ(scheduler.buffers().used_bytes(), 0u);
}

TEST_F(SchedulerTest, ATaskLargerThanTheQueueRunsAlone) {
  SchedulerOptions options = ForWorkers();
  options.max_queue_bytes = 1;
  options.max_unread_bytes = 1;
  Scheduler scheduler(options);
  auto task = MakeTask();
  ASSERT_TRUE(scheduler.Submit(MakeQueue(), task.get()).ok());
  ASSERT_TRUE(task->Wait().ok());
}

TEST_F(SchedulerTest, ATaskThatNeedsMoreMemoryThanMayRunIsRefused) {
  SchedulerOptions options = ForWorkers();
  options.max_run_bytes = 4096;
  Scheduler scheduler(options);
  auto task = MakeTask();
  const absl::Status refused = scheduler.Submit(MakeQueue(), task.get());
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("memory while it runs"));
  EXPECT_EQ(task->calls, 0);
}

TEST_F(SchedulerTest, MemoryThatNothingUsesIsGivenBack) {
  Scheduler scheduler(ForWorkers());
  auto task = MakeTask();
  ASSERT_TRUE(scheduler.Submit(MakeQueue(), task.get()).ok());
  ASSERT_TRUE(task->Wait().ok());
  scheduler.Shutdown();  // the answer's buffer is back
  EXPECT_GT(scheduler.buffers().idle_bytes(), 0u);
  Scheduler::Released released = scheduler.ReleaseIdle();
  EXPECT_TRUE(released.used);
  EXPECT_EQ(released.bytes, 0u);
  released = scheduler.ReleaseIdle();
  EXPECT_FALSE(released.used);
  EXPECT_GT(released.bytes, 0u);
  EXPECT_EQ(scheduler.buffers().idle_bytes(), 0u);
}

TEST_F(SchedulerTest, APassedDeadlineIsNotComputed) {
  Scheduler scheduler(ForWorkers());
  const auto queue = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, queue, hold);
  auto late = MakeTask();
  late->deadline = Clock::now() + std::chrono::milliseconds(100);
  auto good = MakeTask();
  ASSERT_TRUE(scheduler.Submit(queue, late.get()).ok());
  ASSERT_TRUE(scheduler.Submit(queue, good.get()).ok());
  std::this_thread::sleep_until(late->deadline);
  hold.Open();
  EXPECT_EQ(late->Wait().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(late->answer, IsEmpty());
  ASSERT_TRUE(good->Wait().ok());
  ExpectRight(*good);
  first->Wait();
}

TEST_F(SchedulerTest, ACancelledTaskThatWaitsIsNotComputedAndLeavesItsRoom) {
  SchedulerOptions options = ForWorkers();
  options.max_queue_bytes = 2 * 10 * 4 * 4;  // two tasks of (1, 10, 4)
  Scheduler scheduler(options);
  const auto queue = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, queue, hold);
  auto gone = MakeTask();
  auto stays = MakeTask();
  auto next = MakeTask();
  ASSERT_TRUE(scheduler.Submit(queue, gone.get()).ok());
  ASSERT_TRUE(scheduler.Submit(queue, stays.get()).ok());
  ASSERT_FALSE(scheduler.Submit(queue, next.get()).ok());
  scheduler.Cancel(gone.get(), absl::CancelledError("gone"));
  EXPECT_EQ(gone->calls, 1);
  EXPECT_EQ(gone->status, absl::CancelledError("gone"));
  EXPECT_EQ(scheduler.stats().tasks, 1);
  ASSERT_TRUE(scheduler.Submit(queue, next.get()).ok());
  hold.Open();
  EXPECT_TRUE(stays->Wait().ok());
  EXPECT_TRUE(next->Wait().ok());
  first->Wait();
  scheduler.Shutdown();
  EXPECT_THAT(batch_sizes_, ElementsAre(1, 2));
  EXPECT_EQ(scheduler.stats().bytes, 0);
}

TEST_F(SchedulerTest, ALayerOfWhichEverythingWasCancelledIsForgotten) {
  Scheduler scheduler(ForWorkers());
  const auto queue =
      std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer_).value(), nullptr,
                                    BatchingOptions{.max_queue_delay = std::chrono::hours(1)});
  auto gone = MakeTask();
  ASSERT_TRUE(scheduler.Submit(queue, gone.get()).ok());
  EXPECT_EQ(queue.use_count(), 2);
  scheduler.Cancel(gone.get(), absl::CancelledError("gone"));
  EXPECT_EQ(queue.use_count(), 1);
  EXPECT_EQ(scheduler.stats().seconds, 0);
}

TEST_F(SchedulerTest, CancellingWhatRunsOrIsAnsweredDoesNothing) {
  Scheduler scheduler(ForWorkers());
  const auto queue = MakeQueue();
  Gate hold;
  auto running = HoldWorker(scheduler, queue, hold);
  scheduler.Cancel(running.get(), absl::CancelledError("gone"));
  hold.Open();
  EXPECT_TRUE(running->Wait().ok());
  scheduler.Cancel(running.get(), absl::CancelledError("gone"));
  scheduler.Shutdown();
  EXPECT_EQ(running->calls, 1);
}

TEST_F(SchedulerTest, OfACancelledLargeTaskThePartsThatWaitAreDropped) {
  Scheduler scheduler(ForWorkers());
  const auto queue = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, queue, hold);
  auto large = MakeTask(2'000'000);
  ASSERT_TRUE(scheduler.Submit(queue, large.get()).ok());
  ASSERT_EQ(scheduler.stats().tasks, 1);
  scheduler.Cancel(large.get(), absl::CancelledError("gone"));
  EXPECT_EQ(large->calls, 1);
  EXPECT_TRUE(absl::IsCancelled(large->status));
  EXPECT_EQ(scheduler.stats().tasks, 0);
  EXPECT_EQ(scheduler.stats().seconds, 0);
  hold.Open();
  first->Wait();
  scheduler.Shutdown();
  EXPECT_THAT(batch_sizes_, ElementsAre(1));
  EXPECT_EQ(scheduler.stats().bytes, 0);
}

TEST_F(SchedulerTest, ShutdownRunsWhatWasTakenAndRefusesTheRest) {
  Scheduler scheduler(ForWorkers());
  const auto queue = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, queue, hold);
  std::thread stopper([&] { scheduler.Shutdown(); });
  // Taken until the other thread has come as far as refusing.
  std::vector<std::unique_ptr<TestTask>> tasks;
  absl::Status status;
  do {
    tasks.push_back(MakeTask());
    status = scheduler.Submit(queue, tasks.back().get());
  } while (status.ok());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  hold.Open();
  stopper.join();
  EXPECT_EQ(tasks.back()->calls, 0);
  tasks.pop_back();
  for (const auto& taken : tasks) {
    EXPECT_EQ(taken->calls, 1);
    ExpectRight(*taken);
  }
}

TEST_F(SchedulerTest, SmallWorkIsLeftForTheSubmitter) {
  SchedulerOptions options;
  options.small_seconds = 3600;
  Scheduler scheduler(options);
  // A worker that begins only now would take what it finds.
  while (!scheduler.HasIdleWorker()) std::this_thread::yield();
  const auto queue = MakeQueue();
  auto a = MakeTask();
  auto b = MakeTask(30);
  ASSERT_TRUE(scheduler.Submit(queue, a.get()).ok());
  ASSERT_TRUE(scheduler.Submit(queue, b.get()).ok());
  EXPECT_EQ(a->calls, 0);
  EXPECT_TRUE(scheduler.RunSmall());
  EXPECT_EQ(a->calls, 1);
  EXPECT_EQ(b->calls, 1);
  ExpectRight(*b);
  EXPECT_FALSE(scheduler.RunSmall());
}

// A worker may be woken and not get a core.
TEST_F(SchedulerTest, TheSubmitterTakesSmallWorkThatNoWorkerHasBegun) {
  SchedulerOptions options;
  Scheduler scheduler(options);
  Gate hold;
  const auto queue = MakeQueue();
  // More than a submitter takes at once, in one task: the worker's.
  auto large = MakeTask(400'000);
  ASSERT_GT(queue->compiled().EstimateSeconds(large->input.shape), options.small_seconds);
  Gate entered;
  large->entered = &entered;
  large->hold = &hold;
  ASSERT_TRUE(scheduler.Submit(queue, large.get()).ok());
  entered.Wait();
  const auto one = queue->compiled().EstimateSeconds(MakeTask()->input.shape);
  std::vector<std::unique_ptr<TestTask>> tasks;
  for (double seconds = 0; seconds < 3 * options.small_seconds; seconds += one) {
    tasks.push_back(MakeTask());
    ASSERT_TRUE(scheduler.Submit(queue, tasks.back().get()).ok());
  }
  int runs = 0;
  while (scheduler.RunSmall()) ++runs;
  EXPECT_GE(runs, 3);
  for (const auto& task : tasks) {
    EXPECT_EQ(task->calls, 1);
    ExpectRight(*task);
  }
  hold.Open();
  large->Wait();
}

TEST_F(SchedulerTest, LargeWorkIsNotTheSubmitters) {
  SchedulerOptions options;
  options.small_seconds = 1e-9;
  Scheduler scheduler(options);
  auto task = MakeTask(1000);
  ASSERT_TRUE(scheduler.Submit(MakeQueue(), task.get()).ok());
  EXPECT_FALSE(scheduler.RunSmall() && task->calls == 0);
  ASSERT_TRUE(task->Wait().ok());
}

TEST_F(SchedulerTest, ShutdownRunsWhatTheSubmitterLeft) {
  SchedulerOptions options;
  options.small_seconds = 3600;
  Scheduler scheduler(options);
  auto task = MakeTask();
  ASSERT_TRUE(scheduler.Submit(MakeQueue(), task.get()).ok());
  scheduler.Shutdown();
  EXPECT_EQ(task->calls, 1);
}

TEST_F(SchedulerTest, AnAlreadyPassedDeadlineIsRefused) {
  Scheduler scheduler(ForWorkers());
  auto late = MakeTask();
  late->deadline = Clock::now() - std::chrono::seconds(1);
  EXPECT_EQ(scheduler.Submit(MakeQueue(), late.get()).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(late->calls, 0);
}

TEST_F(SchedulerTest, ALargeTaskIsSharedByIdleWorkers) {
  Scheduler scheduler(ForWorkers(3));
  auto task = MakeTask(300'000);
  ASSERT_TRUE(scheduler.Submit(MakeQueue(), task.get()).ok());
  ASSERT_TRUE(task->Wait().ok());
  EXPECT_EQ(task->calls, 1);
  ExpectRight(*task);
  std::lock_guard<std::mutex> lock(mutex_);
  EXPECT_GE(batch_sizes_.size(), 3u);
}

// Adds up what is told of batches.
class BatchSums final : public BatchObserver {
 public:
  explicit BatchSums(BatchReport& sums) : sums_(sums) {}
  void OnBatch(const BatchReport& report) override {
    sums_.parts += report.parts;
    sums_.requests += report.requests;
    sums_.sequences += report.sequences;
    sums_.duration += report.duration;
    sums_.request_durations += report.request_durations;
  }

 private:
  BatchReport& sums_;  // one worker's
};

TEST_F(SchedulerTest, ATaskThatWasCutCountsOnceInWhatIsToldOfBatches) {
  BatchReport sums;
  Scheduler scheduler(ForWorkers());
  const auto layer = std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer_).value(),
                                                   std::make_unique<BatchSums>(sums));
  for (int i = 0; i < 3; ++i) {
    auto task = MakeTask(1'000'000);
    ASSERT_TRUE(scheduler.Submit(layer, task.get()).ok());
    ASSERT_TRUE(task->Wait().ok());
  }
  EXPECT_GT(sums.parts, 6);
  EXPECT_EQ(sums.requests, 3);
  EXPECT_EQ(sums.sequences, 3);
  // One part at a time: a task ran while its batches did.
  EXPECT_GE(sums.request_durations, sums.duration);
  auto gone = MakeTask(1'000'000);
  ASSERT_TRUE(scheduler.Submit(layer, gone.get()).ok());
  scheduler.Cancel(gone.get(), absl::CancelledError("gone"));
  gone->Wait();
  scheduler.Shutdown();
  EXPECT_EQ(sums.requests, 3) << "what was not computed to its end is counted";
}

// Remembers what was told last.
class Told final : public BatchObserver {
 public:
  Told(BatchReport& batch, LayerBacklog& backlog) : batch_(batch), backlog_(backlog) {}
  void OnBatch(const BatchReport& report) override { batch_ = report; }
  void OnBacklog(const LayerBacklog& backlog) override { backlog_ = backlog; }

 private:
  BatchReport& batch_;
  LayerBacklog& backlog_;
};

TEST_F(SchedulerTest, TellsWhatWaitsOfALayerAndWhatABatchTook) {
  BatchReport batch;
  LayerBacklog backlog;
  Scheduler scheduler(ForWorkers());
  const auto layer = std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer_).value(),
                                                   std::make_unique<Told>(batch, backlog));
  Gate hold;
  auto first = HoldWorker(scheduler, MakeQueue(), hold);
  auto one = MakeTask(12);
  auto two = MakeTask(7);
  ASSERT_TRUE(scheduler.Submit(layer, one.get()).ok());
  ASSERT_TRUE(scheduler.Submit(layer, two.get()).ok());
  scheduler.TellBacklogs();
  EXPECT_EQ(backlog.requests, 2);
  EXPECT_EQ(backlog.bytes, (12 + 7) * 4 * 4);
  EXPECT_GT(backlog.seconds, 0);
  hold.Open();
  ASSERT_TRUE(one->Wait().ok());
  ASSERT_TRUE(two->Wait().ok());
  first->Wait();
  scheduler.Shutdown();
  // kernel_size 3, "valid".
  EXPECT_EQ(batch.run.wanted_frames, 10 + 5);
  EXPECT_EQ(batch.run.multiply_accumulates,
            (batch.run.wanted_frames + batch.run.wasted_frames) * 3 * 4 * 8);
  EXPECT_EQ(batch.run.packed, 2);
  EXPECT_EQ(batch.run.direct, 0);
  EXPECT_EQ(one->entry.batch.parts, 2);
  EXPECT_EQ(one->entry.batch.frames, 15);
  backlog = {};
  scheduler.TellBacklogs();
  EXPECT_EQ(backlog.requests, 0) << "told of a layer of which nothing waits";
}

TEST_F(SchedulerTest, OthersPassBetweenThePartsOfALargeTask) {
  Scheduler scheduler(ForWorkers());
  const auto large_queue = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, large_queue, hold);
  auto large = MakeTask(2'000'000);
  ASSERT_TRUE(scheduler.Submit(large_queue, large.get()).ok());
  auto small = MakeTask();
  Gate entered;
  Gate release;
  small->entered = &entered;
  small->hold = &release;
  ASSERT_TRUE(scheduler.Submit(MakeQueue(), small.get()).ok());
  hold.Open();
  entered.Wait();  // the only worker is in the small task's call-back
  EXPECT_EQ(large->calls, 0) << "the small task waited behind the large one";
  release.Open();
  ASSERT_TRUE(small->Wait().ok());
  ASSERT_TRUE(large->Wait().ok());
  first->Wait();
}

// Whose every part takes a batch of its own.
TEST_F(SchedulerTest, ASmallTaskPassesTheLargeOnesOfItsLayer) {
  Scheduler scheduler(ForWorkers());
  const auto layer = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, layer, hold);
  std::vector<std::unique_ptr<TestTask>> large;
  for (int i = 0; i < 3; ++i) {
    large.push_back(MakeTask(2'000'000));
    ASSERT_TRUE(scheduler.Submit(layer, large.back().get()).ok());
  }
  auto small = MakeTask();
  Gate entered;
  Gate release;
  small->entered = &entered;
  small->hold = &release;
  ASSERT_TRUE(scheduler.Submit(layer, small.get()).ok());
  hold.Open();
  entered.Wait();  // the only worker is in the small task's call-back
  for (const auto& task : large) EXPECT_EQ(task->calls, 0) << "the small task waited";
  release.Open();
  ASSERT_TRUE(small->Wait().ok());
  for (const auto& task : large) ASSERT_TRUE(task->Wait().ok());
  first->Wait();
}

TEST_F(SchedulerTest, TooMuchWorkIsRefusedWithATimeToRetry) {
  SchedulerOptions options = ForWorkers();
  options.max_queue_seconds = 1e-9;
  Scheduler scheduler(options);
  const auto queue = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, queue, hold);
  auto waits = MakeTask(1000);
  ASSERT_TRUE(scheduler.Submit(queue, waits.get()).ok());
  auto refused = MakeTask();
  const absl::Status status = scheduler.Submit(queue, refused.get());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(status.GetPayload(kRetryAfterPayload).has_value());
  EXPECT_EQ(refused->calls, 0);
  hold.Open();
  EXPECT_TRUE(waits->Wait().ok());
  first->Wait();
}

TEST_F(SchedulerTest, UrgentTasksOvertake) {
  Scheduler scheduler(ForWorkers());
  const auto queue =
      std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer_).value(), nullptr,
                                    BatchingOptions{.max_batch_requests = 1});
  Gate hold;
  auto first = HoldWorker(scheduler, queue, hold);
  auto usual = MakeTask();
  auto urgent = MakeTask();
  urgent->priority = 0;
  Gate entered;
  Gate release;
  urgent->entered = &entered;
  urgent->hold = &release;
  ASSERT_TRUE(scheduler.Submit(queue, usual.get()).ok());
  ASSERT_TRUE(scheduler.Submit(queue, urgent.get()).ok());
  hold.Open();
  entered.Wait();
  EXPECT_EQ(usual->calls, 0);
  release.Open();
  EXPECT_TRUE(usual->Wait().ok());
  urgent->Wait();
  first->Wait();
}

TEST_F(SchedulerTest, ADelayedBatchWaitsForCompanyUntilItIsFull) {
  Scheduler scheduler(ForWorkers());
  const auto queue = std::make_shared<LayerHandle>(
      engine::CompiledLayer::Create(layer_).value(),
      std::make_unique<BatchSizes>(batch_sizes_, mutex_),
      BatchingOptions{.max_queue_delay = std::chrono::hours(1), .max_batch_requests = 3});
  std::vector<std::unique_ptr<TestTask>> tasks;
  for (int i = 0; i < 3; ++i) {
    tasks.push_back(MakeTask());
    ASSERT_TRUE(scheduler.Submit(queue, tasks.back().get()).ok());
  }
  for (auto& task : tasks) EXPECT_TRUE(task->Wait().ok());
  std::lock_guard<std::mutex> lock(mutex_);
  EXPECT_THAT(batch_sizes_, ElementsAre(3));
}

TEST_F(SchedulerTest, ADelayedTaskRunsWhenItsDelayIsOverAndAtShutdown) {
  const auto delayed = [&](std::chrono::microseconds delay) {
    return std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer_).value(), nullptr,
                                         BatchingOptions{.max_queue_delay = delay});
  };
  Scheduler scheduler(ForWorkers());
  auto alone = MakeTask();
  const Clock::time_point start = Clock::now();
  ASSERT_TRUE(scheduler.Submit(delayed(std::chrono::milliseconds(5)), alone.get()).ok());
  EXPECT_TRUE(alone->Wait().ok());
  EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(5));
  auto left = MakeTask();
  ASSERT_TRUE(scheduler.Submit(delayed(std::chrono::hours(1)), left.get()).ok());
  scheduler.Shutdown();
  EXPECT_EQ(left->calls, 1);
  EXPECT_TRUE(left->status.ok());
}

TEST_F(SchedulerTest, ADeadlineEndsADelay) {
  Scheduler scheduler(ForWorkers());
  const auto queue =
      std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer_).value(), nullptr,
                                    BatchingOptions{.max_queue_delay = std::chrono::hours(1)});
  auto task = MakeTask();
  const Clock::time_point start = Clock::now();
  task->deadline = start + std::chrono::milliseconds(500);
  ASSERT_TRUE(scheduler.Submit(queue, task.get()).ok());
  // In time for it, unless the machine stands still; long before the hour anyway.
  const absl::Status& status = task->Wait();
  EXPECT_TRUE(status.ok() || absl::IsDeadlineExceeded(status)) << status;
  EXPECT_LT(Clock::now() - start, std::chrono::minutes(10));
}

TEST_F(SchedulerTest, AFloodedLayerDoesNotStarveAnother) {
  Scheduler scheduler(ForWorkers());
  const auto flooded = MakeQueue();
  const auto other = MakeQueue();
  Gate hold;
  auto first = HoldWorker(scheduler, flooded, hold);
  std::vector<std::unique_ptr<TestTask>> flood;
  for (int i = 0; i < 400; ++i) {
    flood.push_back(MakeTask(20000));
    ASSERT_TRUE(scheduler.Submit(flooded, flood.back().get()).ok());
  }
  auto task = MakeTask();
  ASSERT_TRUE(scheduler.Submit(other, task.get()).ok());
  hold.Open();
  task->Wait();
  int flood_done = 0;
  for (const auto& one : flood) flood_done += one->calls;
  EXPECT_LT(flood_done, 200) << "the other layer waited behind the flood";
  for (auto& one : flood) one->Wait();
  first->Wait();
}

}  // namespace
}  // namespace convoy::batching
