// Everything at once, with answers that are equal to the bit: all numbers are
// small integers, so no order of summation rounds.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "server/batching/scheduler.h"
#include "tests/kernel/support/integer_example.h"
#include "tests/support/scale.h"

namespace convoy::batching {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::Example;
using ::convoy::testing::MakeExample;
using ::convoy::testing::Random;

struct TestLayer {
  std::shared_ptr<LayerHandle> handle;
  std::vector<Example> examples;
};

TestLayer MakeLayer(Random& random) {
  const auto layer = testing::RandomIntegerLayer(random);
  BatchingOptions options;
  if (Between(random, 0, 3) == 0) options.max_batch_requests = Between(random, 1, 5);
  if (Between(random, 0, 3) == 0) options.max_batch_bytes = Between(random, 100, 5000);
  if (Between(random, 0, 3) == 0) options.max_queue_delay = std::chrono::microseconds(300);
  TestLayer made;
  made.handle =
      std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer).value(), nullptr, options);
  for (int i = 0; i < 20; ++i) {
    made.examples.push_back(
        MakeExample(*layer, Between(random, 1, 3), Between(random, 90, 200), random));
  }
  return made;
}

// With an input that is cut into parts.
TestLayer MakeLargeLayer(Random& random) {
  layer::Conv1DConfig config;
  config.filters = 16;
  config.window.kernel_size = 5;
  const auto layer = testing::IntegerLayer(config, 4, random);
  TestLayer made;
  made.handle =
      std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer).value(), nullptr);
  made.examples.push_back(MakeExample(*layer, 3, 70'000, random));
  return made;
}

// Checks its answer when it comes, and counts.
class TortureTask final : public Task {
 public:
  TortureTask(const Example& example, std::atomic<int>& wrong) : example_(example), wrong_(wrong) {
    input = example.request->input;
  }

  void Succeed(TaskOutput output) override {
    if (testing::Floats(output) != example_.expected) wrong_.fetch_add(1);
    calls.fetch_add(1);
  }
  void Fail(absl::Status failure) override {
    const bool allowed =
        (absl::IsCancelled(failure) && cancelled) ||
        (absl::IsDeadlineExceeded(failure) && deadline != Clock::time_point::max());
    if (!allowed) wrong_.fetch_add(1);
    failed = true;
    calls.fetch_add(1);
  }

  bool taken = false;      // by the scheduler
  bool cancelled = false;  // set before Cancel
  bool failed = false;
  std::atomic<int> calls{0};

 private:
  const Example& example_;
  std::atomic<int>& wrong_;
};

// One caller of many: submits, cancels what it submitted before, polls.
class Caller {
 public:
  Caller(Scheduler& scheduler, const std::vector<TestLayer>& layers, unsigned seed,
         std::atomic<int>& wrong, std::atomic<int>& calls)
      : scheduler_(scheduler), layers_(layers), random_(seed), wrong_(wrong), calls_(calls) {}

  void Run(int tasks) {
    for (int i = 0; i < tasks && !ended_; ++i) {
      SubmitOne();
      if (Between(random_, 0, 5) == 0) CancelOne();
      if (Between(random_, 0, 3) == 0) scheduler_.RunSmall();
    }
  }

  // Every task that was taken was answered once, the others never.
  void Check() const {
    for (const auto& task : submitted_) {
      ASSERT_EQ(task->calls, task->taken ? 1 : 0);
    }
  }

  // Tasks that were taken and answered, or taken and dropped.
  int Count(bool failed) const {
    return static_cast<int>(std::count_if(
        submitted_.begin(), submitted_.end(),
        [failed](const auto& task) { return task->taken && task->failed == failed; }));
  }

 private:
  void SubmitOne() {
    // The last layer is the one with the large input.
    const bool large = Between(random_, 0, 100) == 0;
    const TestLayer& layer =
        large ? layers_.back() : layers_[Between(random_, 0, layers_.size() - 2)];
    const Example& example = layer.examples[Between(random_, 0, layer.examples.size() - 1)];
    auto task = std::make_unique<TortureTask>(example, wrong_);
    task->priority = static_cast<int>(Between(random_, 0, kPriorityLevels - 1));
    if (Between(random_, 0, 9) == 0) {
      task->deadline = Clock::now() + std::chrono::microseconds(Between(random_, 0, 3000));
    }
    absl::Status status;
    while (status = scheduler_.Submit(layer.handle, task.get()),
           absl::IsResourceExhausted(status)) {
      if (!scheduler_.RunSmall()) std::this_thread::yield();
    }
    task->taken = status.ok();
    calls_.fetch_add(1);
    ended_ = absl::IsUnavailable(status);
    submitted_.push_back(std::move(task));
  }

  // One of the last, which may wait, run or be done.
  void CancelOne() {
    const auto back = static_cast<size_t>(Between(random_, 0, 20));
    if (back >= submitted_.size()) return;
    TortureTask& task = *submitted_[submitted_.size() - 1 - back];
    if (!task.taken || task.cancelled) return;
    task.cancelled = true;
    scheduler_.Cancel(&task, absl::CancelledError("gone"));
  }

  Scheduler& scheduler_;
  const std::vector<TestLayer>& layers_;
  Random random_;
  std::atomic<int>& wrong_;
  std::atomic<int>& calls_;  // of all callers
  std::vector<std::unique_ptr<TortureTask>> submitted_;
  bool ended_ = false;
};

SchedulerOptions RandomOptions(Random& random) {
  SchedulerOptions options;
  options.workers = static_cast<int>(Between(random, 1, 3));
  options.max_queue_bytes = Between(random, 20'000, 2'000'000);
  options.max_unread_bytes = Between(random, 20'000, 2'000'000);
  if (Between(random, 0, 2) == 0) options.max_queue_seconds = 2e-3;
  options.small_seconds = Between(random, 0, 1) == 0 ? 0 : 20e-6;
  return options;
}

constexpr int kCallers = 3;

struct Tally {
  int answered = 0;
  int dropped = 0;
};

void RunRound(const std::vector<TestLayer>& layers, int tasks, bool end_early, Random& random,
              Tally& total) {
  std::atomic<int> wrong{0};
  std::atomic<int> calls{0};
  Scheduler scheduler(RandomOptions(random));
  std::vector<Caller> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back(scheduler, layers, random(), wrong, calls);
  }
  std::vector<std::thread> threads;
  for (Caller& caller : callers) threads.emplace_back([&caller, tasks] { caller.Run(tasks); });
  if (end_early) {
    while (calls < tasks) std::this_thread::yield();
    scheduler.Shutdown();
  }
  for (std::thread& thread : threads) thread.join();
  scheduler.Shutdown();
  for (const Caller& caller : callers) {
    ASSERT_NO_FATAL_FAILURE(caller.Check());
    total.answered += caller.Count(false);
    total.dropped += caller.Count(true);
  }
  ASSERT_EQ(wrong, 0);
  ASSERT_EQ(scheduler.stats().tasks, 0);
  ASSERT_EQ(scheduler.stats().bytes, 0);
  ASSERT_EQ(scheduler.stats().seconds, 0);
  ASSERT_EQ(scheduler.buffers().used_bytes(), 0);
}

TEST(SchedulerTortureTest, EveryTaskIsAnsweredRightExactlyOnceAndNothingIsLeft) {
  constexpr int kRounds = 20;
  const int tasks = testing::Scaled(8000, 160'000) / (kRounds * kCallers);
  Random random(17);
  std::vector<TestLayer> layers;
  for (int i = 0; i < 12; ++i) layers.push_back(MakeLayer(random));
  layers.push_back(MakeLargeLayer(random));
  Tally total;
  for (int round = 0; round < kRounds; ++round) {
    // Some rounds end while callers still call.
    ASSERT_NO_FATAL_FAILURE(RunRound(layers, tasks, round % 4 == 3, random, total));
  }
  RecordProperty("answered", total.answered);
  RecordProperty("dropped", total.dropped);
  EXPECT_GT(total.answered, 0);
  EXPECT_GT(total.dropped, 0);
}

}  // namespace
}  // namespace convoy::batching
