#include "server/rpc/convolution_queue.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "kernel/engine/compiled_layer.h"
#include "tests/server/rpc/test_layers.h"

namespace convoy::rpc {
namespace {

using batching::LayerHandle;

// One frame of zeros, kept until it is called back.
class WaitingTask final : public batching::Task {
 public:
  explicit WaitingTask(const layer::Conv1D& layer) : payload_(3 * 2 * sizeof(float)) {
    input.shape = layer.CheckInput(std::vector<int64_t>{1, 3, 2}).value();
    input.dtype = layer::DType::kFloat32;
    input.payload.push_back(payload_);
  }

  void Succeed(batching::TaskOutput) override { done_.Notify(); }
  void Fail(absl::Status status) override {
    status_ = std::move(status);
    done_.Notify();
  }

  bool is_done() const { return done_.HasBeenNotified(); }
  absl::Status Wait() {
    done_.WaitForNotification();
    return status_;
  }

 private:
  const std::vector<std::byte> payload_;
  absl::Status status_;
  absl::Notification done_;
};

class ConvolutionQueueTest : public ::testing::Test {
 protected:
  // Is made, or not, when the test says so.
  std::shared_ptr<registry::LazyHandle> Lazy(absl::Status status = absl::OkStatus()) {
    return std::make_shared<registry::LazyHandle>(
        [this, status]() -> absl::StatusOr<std::shared_ptr<LayerHandle>> {
          begun_.Notify();
          go_.WaitForNotification();
          if (!status.ok()) return status;
          return std::make_shared<LayerHandle>(engine::CompiledLayer::Create(layer_).value(),
                                               nullptr);
        });
  }

  const std::shared_ptr<const layer::Conv1D> layer_ = BuildLayer(TestConfig());
  batching::Scheduler scheduler_{batching::SchedulerOptions{.workers = 1}};
  absl::Notification begun_;
  absl::Notification go_;
};

TEST_F(ConvolutionQueueTest, TasksAreComputedWhenItIsMade) {
  ConvolutionQueue queue(scheduler_);
  const auto lazy = Lazy();
  WaitingTask first(*layer_), second(*layer_);
  ASSERT_TRUE(queue.Add(lazy, &first).ok());
  ASSERT_TRUE(queue.Add(lazy, &second).ok());
  begun_.WaitForNotification();
  EXPECT_FALSE(first.is_done());
  go_.Notify();
  EXPECT_TRUE(first.Wait().ok());
  EXPECT_TRUE(second.Wait().ok());
  EXPECT_NE(lazy->ready(), nullptr);
}

TEST_F(ConvolutionQueueTest, ACancelledTaskIsCalledBackAtOnceAndOnce) {
  ConvolutionQueue queue(scheduler_);
  WaitingTask task(*layer_), other(*layer_);
  const auto lazy = Lazy();
  ASSERT_TRUE(queue.Add(lazy, &task).ok());
  ASSERT_TRUE(queue.Add(lazy, &other).ok());
  begun_.WaitForNotification();
  EXPECT_TRUE(queue.Cancel(&task, absl::CancelledError("gone")));
  EXPECT_TRUE(absl::IsCancelled(task.Wait()));
  EXPECT_FALSE(queue.Cancel(&task, absl::CancelledError("gone")));
  go_.Notify();
  EXPECT_TRUE(other.Wait().ok());
}

TEST_F(ConvolutionQueueTest, WhatCannotBeMadeIsTheAnswer) {
  ConvolutionQueue queue(scheduler_);
  WaitingTask task(*layer_);
  go_.Notify();
  ASSERT_TRUE(queue.Add(Lazy(absl::InternalError("oneDNN refused it")), &task).ok());
  EXPECT_EQ(task.Wait(), absl::InternalError("oneDNN refused it"));
}

TEST_F(ConvolutionQueueTest, MoreThanSoManyAreRefused) {
  std::vector<std::unique_ptr<WaitingTask>> tasks;
  for (size_t i = 0; i <= ConvolutionQueue::kMostWaiting; ++i) {
    tasks.push_back(std::make_unique<WaitingTask>(*layer_));
  }
  {
    ConvolutionQueue queue(scheduler_);
    const auto lazy = Lazy();
    for (size_t i = 0; i < ConvolutionQueue::kMostWaiting; ++i) {
      ASSERT_TRUE(queue.Add(lazy, tasks[i].get()).ok()) << i;
    }
    EXPECT_TRUE(absl::IsResourceExhausted(queue.Add(lazy, tasks.back().get())));
    go_.Notify();
  }
  tasks.pop_back();
  for (const auto& task : tasks) EXPECT_TRUE(task->Wait().ok());
}

}  // namespace
}  // namespace convoy::rpc
