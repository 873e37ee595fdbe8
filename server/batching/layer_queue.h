// The waiting tasks of one layer version.
#ifndef CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
#define CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "kernel/engine/compiled_layer.h"
#include "server/batching/slowdown.h"
#include "server/batching/task.h"
#include "server/batching/task_list.h"

namespace convoy::batching {

// Told about every executed batch, on the thread that executed it. Thread-safe,
// must not block.
class BatchObserver {
 public:
  virtual ~BatchObserver() = default;
  // A request that was cut counts once for each of its parts.
  virtual void OnBatch(int64_t requests, int64_t sequences, std::chrono::nanoseconds execution) = 0;
};

// How a layer's tasks become batches. A batch holds at least one task whatever
// its size.
struct BatchingOptions {
  // How long a task may wait for company while a worker is idle. A batch that has
  // reached a limit below, or whose tightest deadline needs it, starts earlier.
  std::chrono::microseconds max_queue_delay{0};
  int64_t max_batch_requests = std::numeric_limits<int64_t>::max();
  // Of payloads.
  int64_t max_batch_bytes = std::numeric_limits<int64_t>::max();
};

// A batch is at most this long, so that other layers' tasks pass between.
inline constexpr double kLongestBatchSeconds = 2e-3;

// Opaque to the transport: it is found in the registry and handed to
// Scheduler::Submit.
//
// Tasks are taken in the order of their arrival, but a level of priority counts
// like having come 100 ms earlier: urgent tasks overtake, and no task waits
// behind later ones for longer than that per level.
//
// The compiled layer is thread-safe; everything else belongs to the scheduler,
// under its mutex. Tasks keep the queue alive through the scheduler, so the
// registry may let go of it while tasks wait.
class LayerQueue {
 public:
  // `observer` may be null.
  LayerQueue(std::unique_ptr<engine::CompiledLayer> compiled,
             std::unique_ptr<BatchObserver> observer, BatchingOptions options = {})
      : compiled_(std::move(compiled)), observer_(std::move(observer)), options_(options) {}

  engine::CompiledLayer& compiled() const { return *compiled_; }
  BatchObserver* observer() const { return observer_.get(); }
  const BatchingOptions& options() const { return options_; }

  // What becomes a batch.
  struct Taken {
    std::vector<Task*> tasks;
    double seconds = 0;           // estimated, of `tasks`
    std::vector<Task*> hopeless;  // could not be done by their deadlines
  };

 private:
  friend class FairQueue;
  friend class Scheduler;
  friend class LayerQueuePeer;  // of the tests

  bool empty() const { return count_ == 0; }
  void Push(Task* task);
  // REQUIRES: `task` waits here.
  void Remove(Task* task);
  // Takes out the first tasks, at least one if there is any, while their
  // estimated time stays within `seconds` and the batch within its limits. Those
  // on the way that would be late even if they began `now` go with them and count
  // as nothing.
  Taken Take(double seconds, Clock::time_point now);
  static bool IsHopeless(const Task& task, Clock::time_point now);
  // When a batch of what waits may start; `full_seconds` of work are a full batch.
  // REQUIRES: !empty().
  Clock::time_point ReadyAt(double full_seconds) const;

  // The level whose first task is next. REQUIRES: !empty().
  TaskList& NextLevel();

  const std::unique_ptr<engine::CompiledLayer> compiled_;
  const std::unique_ptr<BatchObserver> observer_;
  const BatchingOptions options_;

  // Guarded by the scheduler's mutex.
  std::array<TaskList, kPriorityLevels> levels_;  // each by arrival
  int64_t count_ = 0;
  int64_t waiting_bytes_ = 0;
  double waiting_seconds_ = 0;
  double waiting_wall_seconds_ = 0;
  Slowdown slowdown_;
  // Spent on batches, and on timing what may make them cheaper.
  double busy_seconds_ = 0;
  double improving_seconds_ = 0;
  // Work done for this layer, in seconds, on the scheduler's fair-share clock.
  double served_ = 0;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
