// Forms batches of waiting tasks and runs them.
#ifndef CONVOY_SERVER_BATCHING_SCHEDULER_H_
#define CONVOY_SERVER_BATCHING_SCHEDULER_H_

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "kernel/base/mutex.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/engine/workspace.h"
#include "server/batching/batch.h"
#include "server/batching/fair_queue.h"
#include "server/batching/improvement.h"
#include "server/batching/layer_handle.h"
#include "server/batching/refusals.h"
#include "server/batching/scheduler_options.h"
#include "server/batching/task.h"
#include "server/batching/worker_niceness.h"
#include "server/batching/workspaces.h"

namespace convoy::batching {

// Work-conserving: an idle worker takes what is there, at once, and never waits
// for more. What waits when it becomes free goes together, any mix of lengths.
// Layers, and the tasks of a layer, share the workers by work done (FairQueue). A
// batch that costs less than a hand-over between threads is left to the submitter's
// thread. A task that is large is computed in parts: idle workers share it, and
// others' tasks pass between.
//
// Thread-safe. Owns the workers and the buffers that answers lie in, so it must
// outlive every TaskOutput. No lock is held while copying, executing or calling
// back.
class Scheduler {
 public:
  explicit Scheduler(const SchedulerOptions& options);
  // Shuts down if Shutdown was not called.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Takes `task` iff OK; then its call-back runs exactly once.
  //   RESOURCE_EXHAUSTED  the queue is full, or so long that the deadline would
  //                       pass, or too many answers are unread; carries
  //                       kRetryAfterPayload.
  //   DEADLINE_EXCEEDED   computing alone takes longer than the deadline allows.
  //   UNAVAILABLE         Shutdown was called.
  absl::Status Submit(const std::shared_ptr<LayerHandle>& layer, Task* task);

  // Drops `task` if it or a part of it still waits: it is called back with `why`,
  // here unless parts of it are being computed. Otherwise its answer is there or
  // on its way, and nothing happens.
  // REQUIRES: Submit took `task`, and it still exists.
  void Cancel(Task* task, const absl::Status& why);

  // Runs a short batch of small parts on the calling thread: a submitter's that has
  // nothing further to submit at hand. Returns whether there was one.
  bool RunSmall();

  // Whether callers are being turned away in numbers (Refusals::Many).
  bool Overloaded() const { return refusals_.Many(Clock::now()); }

  // No further task is taken; those taken are run to their end. Joins the
  // workers. Idempotent.
  void Shutdown();

  // Gives back the buffers and workspaces that were idle at the last call already and
  // were not used since: to be called every few seconds.
  struct Released {
    size_t bytes = 0;   // of buffers
    bool used = false;  // whether anything was computed since the last call
  };
  Released ReleaseIdle();

  // The bounds of `options` count for tasks that come from now on; the rest of it is
  // not looked at.
  void SetLimits(const SchedulerOptions& options);
  // How nice the workers are from now on, and whether the system lets them (WorkerNiceness).
  void SetNiceness(int niceness) { niceness_.Set(niceness); }
  bool MayBeNice(int niceness) const { return niceness_.MayBecome(niceness); }
  // Options of a layer have changed: what is delayed may be due.
  void Reconsider() { work_.NotifyAll(); }

  // Whether a worker waits for work, and so a processor is left over.
  bool HasIdleWorker() const;

  QueueStats stats() const;
  // Tells the observer of each layer of which something waits how much that is.
  void TellBacklogs() const;
  // Used are those of batches that run and of answers that were not read yet.
  const batch::BufferPool& buffers() const { return pool_; }

  // Whether these take more than three quarters of max_unread_bytes.
  bool AnswersPileUp() const;

 private:
  // What a worker does next: a batch, or a layer to improve, or neither at the end.
  struct Work {
    Batch batch;
    std::shared_ptr<LayerHandle> improvable;
  };

  // Fills the task's entry and parts.
  absl::Status Prepare(const LayerHandle& layer, Clock::time_point now, Task& task) const;
  // Into how many parts a task that takes so long is worth cutting now.
  int64_t PartsOf(const LayerHandle& layer, const batch::Input& input, double seconds) const;

  void WorkerLoop();
  // Whether to notify a worker now; counts it as woken.
  bool WakesWorker() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits for it.
  Work WaitForWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The batch and its answers took so long.
  void Record(const Batch& batch, double seconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Computes, and answers everybody who is done; returns how long it took, in seconds.
  // `between_tiles` is the workspace's.
  double Execute(const Batch& batch, void (*between_tiles)());
  static absl::Status Compute(const Batch& batch, engine::Workspace& workspace);
  // Lets the layer time what its requests bring often.
  void Improve(const std::shared_ptr<LayerHandle>& layer);

  const SchedulerOptions options_;
  batch::BufferPool pool_;
  Workspaces workspaces_;
  Refusals refusals_;  // noted under mutex_
  WorkerNiceness niceness_;

  mutable Mutex mutex_;
  CondVar work_;  // something waits for a worker, or shutdown
  FairQueue queue_ ABSL_GUARDED_BY(mutex_);
  Improvement improvement_ ABSL_GUARDED_BY(mutex_);
  int idle_workers_ ABSL_GUARDED_BY(mutex_) = 0;
  int woken_workers_ ABSL_GUARDED_BY(mutex_) = 0;  // idle ones that were notified
  bool shutdown_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> workers_;  // joined by Shutdown
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_SCHEDULER_H_
