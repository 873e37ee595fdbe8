// One caller's tensor on its way through the server.
#ifndef CONVOY_SERVER_BATCHING_TASK_H_
#define CONVOY_SERVER_BATCHING_TASK_H_

#include <chrono>
#include <cstddef>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/dtype.h"

namespace convoy::batching {

using Clock = std::chrono::steady_clock;

// Where an answer lies: `pieces` in order are the output tensor, row-major, and
// stay valid while `buffer` is referenced. No pieces means an empty tensor.
struct TaskOutput {
  batch::BufferRef buffer;
  absl::InlinedVector<absl::Span<const std::byte>, 1> pieces;
};

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
  //   DEADLINE_EXCEEDED  the deadline passed while the task waited.
  //   UNAVAILABLE        the scheduler was shut down.
  //   INTERNAL           the computation failed: a bug, the message says where.
  virtual void Fail(absl::Status status) = 0;

  layer::InputShape shape;
  // The dtype of the payload's elements.
  layer::DType dtype = layer::DType::kFloat32;
  // The payload's pieces in order, together sequences * length * channels
  // elements in the layer's data_format. Valid until the call-back.
  absl::InlinedVector<absl::Span<const std::byte>, 2> payload;
  Clock::time_point deadline = Clock::time_point::max();
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_TASK_H_
