#include "server/batching/split_task.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/kernel/support/random_layer.h"

namespace convoy::batching {
namespace {

class Whole final : public Task {
 public:
  void Succeed(TaskOutput output) override {
    ++calls;
    values = testing::Floats(output);
  }
  void Fail(absl::Status failure) override {
    ++calls;
    status = std::move(failure);
  }
  int calls = 0;
  std::vector<float> values;
  absl::Status status;
};

TaskOutput OutputOf(batch::BufferPool& pool, float value) {
  TaskOutput output;
  output.buffer = pool.Get(sizeof(value));
  *reinterpret_cast<float*>(output.buffer->data()) = value;
  output.pieces.push_back(batch::Bytes(output.buffer->data(), sizeof(value)));
  return output;
}

TEST(SplitTaskTest, TheWholeIsAnsweredOnceInTheOrderOfThePartsHoweverTheyEnd) {
  batch::BufferPool pool(0);
  Whole whole;
  auto* split = new SplitTask(&whole, std::vector<batch::Input>(3));
  const std::vector<Entry*> parts = split->parts();
  parts[2]->task->Succeed(OutputOf(pool, 2));
  parts[0]->task->Succeed(OutputOf(pool, 0));
  EXPECT_EQ(whole.calls, 0);
  parts[1]->task->Succeed(OutputOf(pool, 1));
  EXPECT_EQ(whole.calls, 1);
  EXPECT_EQ(whole.values, (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(pool.used_bytes(), 0);
}

TEST(SplitTaskTest, TheFirstFailureIsTheWholesAfterTheLastPart) {
  batch::BufferPool pool(0);
  Whole whole;
  auto* split = new SplitTask(&whole, std::vector<batch::Input>(3));
  const std::vector<Entry*> parts = split->parts();
  parts[1]->task->Fail(absl::DeadlineExceededError("late"));
  parts[2]->task->Fail(absl::InternalError("broken"));
  EXPECT_EQ(whole.calls, 0);
  parts[0]->task->Succeed(OutputOf(pool, 0));
  EXPECT_EQ(whole.calls, 1);
  EXPECT_EQ(whole.status, absl::DeadlineExceededError("late"));
  EXPECT_EQ(pool.used_bytes(), 0);
}

TEST(SplitTaskTest, PartsInheritDeadlineAndPriority) {
  Whole whole;
  whole.deadline = Clock::time_point(std::chrono::hours(5));
  whole.priority = 3;
  auto* split = new SplitTask(&whole, std::vector<batch::Input>(2));
  for (const Entry* part : split->parts()) {
    EXPECT_EQ(part->task->deadline, whole.deadline);
    EXPECT_EQ(part->task->priority, 3);
  }
  split->Discard();
  EXPECT_EQ(whole.calls, 0);
}

TEST(SplitTaskTest, PartsMayEndOnAnyThreads) {
  for (int round = 0; round < 200; ++round) {
    Whole whole;
    auto* split = new SplitTask(&whole, std::vector<batch::Input>(4));
    const std::vector<Entry*> parts = split->parts();
    std::vector<std::thread> threads;
    for (Entry* part : parts) threads.emplace_back([part] { part->task->Succeed({}); });
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(whole.calls, 1);
  }
}

}  // namespace
}  // namespace convoy::batching
