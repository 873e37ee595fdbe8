// One caller's tensor on its way through the server.
#ifndef CONVOY_SERVER_BATCHING_TASK_H_
#define CONVOY_SERVER_BATCHING_TASK_H_

#include "absl/status/status.h"
#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "server/batching/entry.h"
#include "server/batching/task_parts.h"

namespace convoy::batching {

using TaskOutput = batch::Output;

// What the transport submits. It fills the fields, hands the task to
// Scheduler::Submit and is called back exactly once.
//
// Ownership: the submitter's. The scheduler keeps a pointer from a successful
// Submit until it calls Succeed or Fail; those may delete the task.
class Task {
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

  batch::Input input;
  Clock::time_point deadline = Clock::time_point::max();
  // 0 .. kPriorityLevels - 1, see LayerQueue.
  int priority = kDefaultPriority;
  // Whose it is; null where there is only one.
  Tenant* tenant = nullptr;

  // The scheduler's, while it has the task.
  Entry entry;
  TaskParts parts;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_TASK_H_
