// One caller's tensor on its way through the server.
#ifndef CONVOY_SERVER_BATCHING_TASK_H_
#define CONVOY_SERVER_BATCHING_TASK_H_

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "kernel/batch/request.h"

namespace convoy::batching {

class SplitTask;

using Clock = std::chrono::steady_clock;
using TaskOutput = batch::Output;

// Levels of Task::priority, 0 is the most urgent.
inline constexpr int kPriorityLevels = 4;
inline constexpr int kDefaultPriority = 1;

// What the transport submits. It fills the fields, hands the task to
// Scheduler::Submit and is called back exactly once.
//
// Ownership: the submitter's. The scheduler keeps a pointer from a successful
// Submit until it calls Succeed or Fail; those may delete the task.
class Task : public batch::Input {
 public:
  virtual ~Task() = default;

  // Exactly one of these is called, on any thread, and only after Submit
  // accepted the task (possibly before Submit returns). They must not block.
  virtual void Succeed(TaskOutput output) = 0;
  //   DEADLINE_EXCEEDED   the task waited until its deadline could not be kept.
  //   CANCELLED ...       what Scheduler::Cancel was told.
  //   RESOURCE_EXHAUSTED  out of memory.
  //   INTERNAL            the computation failed: a bug, the message says where.
  virtual void Fail(absl::Status status) = 0;

  Clock::time_point deadline = Clock::time_point::max();
  // 0 .. kPriorityLevels - 1, see LayerQueue.
  int priority = kDefaultPriority;

 private:
  // The scheduler's: set by Submit.
  friend class FairQueue;
  friend class Scheduler;
  friend class LayerQueue;
  friend class LayerQueuePeer;  // of the tests
  friend class TaskList;
  int64_t payload_bytes_ = 0;
  int64_t answer_bytes_ = 0;
  double seconds_ = 0;  // estimated execution time
  Clock::time_point arrived_;
  SplitTask* split_ = nullptr;  // whose parts wait in place of this task
  Task* whole_ = nullptr;       // of which this is a part, or this task itself

  // Guarded by the scheduler's mutex.
  bool queued_ = false;       // in its layer's queue
  int64_t queued_parts_ = 0;  // of a whole: how many of its parts are, or 1 if it is
  double wall_seconds_ = 0;   // seconds_ by the layer's slowdown, when it was queued
  Task* previous_ = nullptr;
  Task* next_ = nullptr;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_TASK_H_
