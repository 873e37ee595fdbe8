// A large task as several small ones.
#ifndef CONVOY_SERVER_BATCHING_SPLIT_TASK_H_
#define CONVOY_SERVER_BATCHING_SPLIT_TASK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "kernel/base/mutex.h"
#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "server/batching/task.h"

namespace convoy::batching {

// Owns the parts of one task, which go their own ways through the queue, so that
// several workers share the task and others' tasks pass between its parts. When
// the last part is answered it answers the whole, with the parts' outputs in
// order or with the first failure, and deletes itself.
//
// Thread-safe: parts are answered on any threads.
class SplitTask {
 public:
  // `inputs` are those of the parts (batch::Cut). `whole` is called back once
  // all parts were; hand parts() to the queue, or Discard().
  // REQUIRES: at least one input.
  SplitTask(Task* whole, std::vector<batch::Input> inputs);
  SplitTask(const SplitTask&) = delete;
  SplitTask& operator=(const SplitTask&) = delete;

  // The parts' entries, in order.
  std::vector<Entry*> parts();

  // Takes it back before any part was handed over; the whole is not answered.
  void Discard() { delete this; }

 private:
  class Part final : public Task {
   public:
    void Succeed(TaskOutput output) override { split->Collect(index, std::move(output)); }
    void Fail(absl::Status status) override { split->Fail(status); }

    SplitTask* split = nullptr;
    size_t index = 0;
  };

  ~SplitTask() = default;
  void Collect(size_t index, TaskOutput output);
  void Fail(const absl::Status& status);
  void CountDown();

  Task* const whole_;
  std::vector<Part> parts_;
  std::vector<TaskOutput> outputs_;  // each written by its part alone
  std::atomic<size_t> left_;

  Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_SPLIT_TASK_H_
