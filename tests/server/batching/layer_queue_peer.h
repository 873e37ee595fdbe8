// Queues and tasks whose every field a test decides.
#ifndef CONVOY_TESTS_SERVER_BATCHING_LAYER_QUEUE_PEER_H_
#define CONVOY_TESTS_SERVER_BATCHING_LAYER_QUEUE_PEER_H_

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "server/batching/layer_queue.h"
#include "server/batching/split_task.h"

namespace convoy::batching {

// What the scheduler does with a queue, with the time as an argument.
class LayerQueuePeer {
 public:
  explicit LayerQueuePeer(BatchingOptions options = {})
      : queue_(std::make_unique<LayerQueue>(nullptr, nullptr, options)) {}

  static void Describe(Task& task, Clock::time_point arrived, double seconds, int64_t bytes = 1) {
    task.arrived_ = arrived;
    task.seconds_ = seconds;
    task.payload_bytes_ = bytes;
    task.whole_ = &task;
  }
  // Makes `parts` of `whole` wait in its place.
  static void Split(Task& whole, SplitTask& split, Clock::time_point arrived, double seconds) {
    Describe(whole, arrived, seconds);
    whole.split_ = &split;
    for (Task* part : split.parts()) {
      Describe(*part, arrived, seconds);
      part->whole_ = &whole;
    }
  }
  void Push(Task* task) { queue_->Push(task); }
  void Remove(Task* task) { queue_->Remove(task); }
  std::vector<Task*> Take(double seconds) { return queue_->Take(seconds, {}).tasks; }
  // Those of a batch that are too late.
  std::vector<Task*> TakeHopeless(double seconds, Clock::time_point now) {
    return queue_->Take(seconds, now).hopeless;
  }
  void RecordSlowdown(double estimated, double measured) {
    queue_->slowdown_.Record(estimated, measured);
  }
  Clock::time_point ReadyAt(double full_seconds) const { return queue_->ReadyAt(full_seconds); }
  bool empty() const { return queue_->empty(); }
  double waiting_seconds() const { return queue_->waiting_seconds_; }
  double waiting_wall_seconds() const { return queue_->waiting_wall_seconds_; }
  int64_t waiting_bytes() const { return queue_->waiting_bytes_; }

 private:
  std::unique_ptr<LayerQueue> queue_;
};

// A task that nothing is computed for.
class Waiting final : public Task {
 public:
  Waiting(std::chrono::milliseconds arrived, double seconds, int level = kDefaultPriority,
          int64_t bytes = 1) {
    LayerQueuePeer::Describe(*this, Clock::time_point(arrived), seconds, bytes);
    priority = level;
  }
  void Succeed(TaskOutput) override {}
  void Fail(absl::Status failure) override { status = std::move(failure); }

  absl::Status status;
};

}  // namespace convoy::batching

#endif  // CONVOY_TESTS_SERVER_BATCHING_LAYER_QUEUE_PEER_H_
