// The waiting tasks of one layer version.
#ifndef CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
#define CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "kernel/engine/compiled_layer.h"
#include "server/batching/task.h"

namespace convoy::batching {

// Told about every executed batch, on the thread that executed it. Thread-safe,
// must not block.
class BatchObserver {
 public:
  virtual ~BatchObserver() = default;
  virtual void OnBatch(int64_t requests, int64_t sequences, std::chrono::nanoseconds execution) = 0;
};

// Opaque to the transport: it is found in the registry and handed to
// Scheduler::Submit.
//
// The compiled layer is thread-safe; everything else belongs to the scheduler,
// under its mutex. Tasks keep the queue alive through the scheduler, so the
// registry may let go of it while tasks wait.
class LayerQueue {
 public:
  // `observer` may be null.
  LayerQueue(std::unique_ptr<engine::CompiledLayer> compiled,
             std::unique_ptr<BatchObserver> observer)
      : compiled_(std::move(compiled)), observer_(std::move(observer)) {}

  engine::CompiledLayer& compiled() const { return *compiled_; }
  BatchObserver* observer() const { return observer_.get(); }

 private:
  friend class Scheduler;

  bool empty() const { return waiting_.empty(); }
  void Push(Task* task);
  // Moves tasks from the front to `batch`, at least one if there is any, until
  // their estimated time reaches `seconds`; returns the time taken.
  double Take(double seconds, std::vector<Task*>& batch);

  const std::unique_ptr<engine::CompiledLayer> compiled_;
  const std::unique_ptr<BatchObserver> observer_;

  // Guarded by the scheduler's mutex.
  std::deque<Task*> waiting_;
  double waiting_seconds_ = 0;
  // Work done for this layer, in seconds, on the scheduler's fair-share clock.
  double served_ = 0;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
