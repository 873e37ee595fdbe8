// Forms batches of waiting tasks and runs them on workers.
#ifndef CONVOY_SERVER_BATCHING_SCHEDULER_H_
#define CONVOY_SERVER_BATCHING_SCHEDULER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "server/batching/layer_queue.h"
#include "server/batching/task.h"

namespace convoy::batching {

struct SchedulerOptions {
  // Threads that execute batches. Must be at least 1.
  int workers = 1;
  // Payload bytes that may wait over all layers; more is refused. 0 refuses
  // everything that cannot start at once.
  int64_t max_queue_bytes = int64_t{512} << 20;
};

class Scheduler {
 public:
  explicit Scheduler(const SchedulerOptions& options);
  // Shuts down if Shutdown was not called.
  ~Scheduler();

  // Takes `task` iff OK; then its call-back runs exactly once.
  //   RESOURCE_EXHAUSTED  the queue is full; retry later.
  //   UNAVAILABLE         Shutdown was called.
  absl::Status Submit(const std::shared_ptr<LayerQueue>& queue, Task* task);

  // Runs small batches that Submit left for the calling thread, a transport's
  // poller with no further event at hand. Returns whether anything ran.
  bool RunOnPoller();

  // No further task is taken; those taken are run to their end. Joins the
  // workers. Idempotent.
  void Shutdown();
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_SCHEDULER_H_
