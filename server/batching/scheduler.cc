#include "server/batching/scheduler.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/batch/parts.h"
#include "server/batching/admission.h"
#include "server/batching/split_task.h"
#include "server/batching/thread.h"
#include "server/batching/turns.h"

namespace convoy::batching {
namespace {

// A batch is not cut shorter than this to feed another worker.
constexpr double kShortestBatchSeconds = 200e-6;
// A task of less than two such parts stays whole: a hand-over costs 30 to 60 us.
constexpr double kShortestPartSeconds = 200e-6;
// Timing statements may take so long for a layer at first, and this part of the time
// that its batches take.
constexpr double kFirstImprovingSeconds = 0.02;
constexpr double kImprovingShare = 0.01;

}  // namespace

Scheduler::Scheduler(const SchedulerOptions& options)
    : options_(options), pool_(static_cast<size_t>(options.max_idle_buffer_bytes)) {
  for (int i = 0; i < options.workers; ++i) {
    workers_.emplace_back([this, i] {
      SetThreadName(absl::StrCat("worker-", i));
      LowerPriority(options_.worker_nice);
      WorkerLoop();
    });
  }
}

Scheduler::~Scheduler() { Shutdown(); }

absl::Status Scheduler::Submit(const std::shared_ptr<LayerQueue>& queue, Task* task) {
  const Clock::time_point now = Clock::now();
  task->whole_ = task;
  task->split_ = nullptr;
  Measure(*queue, now, *task);
  int64_t parts = PartsOf(*queue, *task);
  // Frames keep their place in a tile only if their sequence is whole.
  if (queue->compiled().deterministic()) parts = std::min(parts, task->shape.sequences);
  if (parts > 1) {
    std::vector<batch::Input> inputs = batch::Cut(queue->compiled().layer(), *task, parts);
    if (inputs.size() > 1) {
      auto* split = new SplitTask(task, std::move(inputs));
      const std::vector<Task*> tasks = split->parts();
      task->split_ = split;
      for (Task* part : tasks) {
        part->whole_ = task;
        Measure(*queue, now, *part);
      }
      absl::Status taken = Enqueue(queue, *task, tasks);
      if (!taken.ok()) split->Discard();
      return taken;
    }
  }
  return Enqueue(queue, *task, absl::MakeConstSpan(&task, 1));
}

void Scheduler::Measure(const LayerQueue& queue, Clock::time_point now, Task& task) {
  task.arrived_ = now;
  task.payload_bytes_ = 0;
  for (const batch::Bytes& piece : task.payload) task.payload_bytes_ += piece.size();
  task.answer_bytes_ = queue.compiled().OutputBytes(task.shape);
  task.seconds_ = queue.compiled().EstimateSeconds(task.shape);
}

int64_t Scheduler::PartsOf(const LayerQueue& queue, const Task& task) const {
  const auto shares = static_cast<int64_t>(task.seconds_ / kShortestPartSeconds);
  if (shares < 2) return 1;
  const int64_t parts = PartsForTurns(
      task.shape, kLongestBatchSeconds,
      [&](const layer::InputShape& shape) { return queue.compiled().EstimateSeconds(shape); });
  MutexLock lock(mutex_);
  if (!waiting_.empty()) return parts;
  return std::max(parts, std::min<int64_t>(options_.workers, shares));
}

absl::Status Scheduler::Enqueue(const std::shared_ptr<LayerQueue>& queue, const Task& whole,
                                absl::Span<Task* const> tasks) {
  size_t wakes = 0;
  {
    MutexLock lock(mutex_);
    if (shutdown_) return absl::UnavailableError("the server is shutting down");
    CONVOY_RETURN_IF_ERROR(Admit(*queue, whole, static_cast<int64_t>(tasks.size())));
    waiting_.Push(queue, tasks);
    // All who share a task at once: each would wake the next, one after the other.
    while (wakes < tasks.size() && WakesWorker()) ++wakes;
    // Somebody has to keep the time of a batch that is delayed.
    if (queue->options().max_queue_delay.count() > 0) wakes = std::max<size_t>(wakes, 1);
  }
  for (; wakes > 0; --wakes) work_.NotifyOne();
  return absl::OkStatus();
}

absl::Status Scheduler::Admit(const LayerQueue& queue, const Task& whole, int64_t parts) {
  const AdmissionLimits limits{.max_bytes = options_.max_queue_bytes,
                               .max_unread_bytes = options_.max_unread_bytes,
                               .max_seconds = options_.max_queue_seconds,
                               .workers = options_.workers};
  Backlog backlog = waiting_.BacklogFor(queue);
  backlog.answer_bytes += static_cast<int64_t>(pool_.used_bytes());
  const Demand demand{.bytes = whole.payload_bytes_,
                      .answer_bytes = whole.answer_bytes_,
                      .seconds = whole.seconds_,
                      .wall_seconds = whole.seconds_ * queue.slowdown_.factor(),
                      .parts = parts,
                      .deadline = whole.deadline};
  absl::Status admitted = batching::Admit(limits, backlog, demand, whole.arrived_);
  if (absl::IsResourceExhausted(admitted)) refusals_.Note(whole.arrived_);
  return admitted;
}

void Scheduler::Cancel(LayerQueue& queue, Task* task, const absl::Status& why) {
  std::vector<Task*> withdrawn;
  {
    MutexLock lock(mutex_);
    withdrawn = waiting_.Withdraw(queue, *task);
  }
  for (Task* one : withdrawn) one->Fail(why);
}

bool Scheduler::RunOnPoller() {
  Batch batch;
  std::unique_ptr<engine::Workspace> workspace;
  {
    MutexLock lock(mutex_);
    if (waiting_.empty()) return false;
    const Clock::time_point now = Clock::now();
    const FairQueue::Due due = waiting_.FindDue(options_.poller_seconds, shutdown_, now);
    if (due.layer == FairQueue::kNone) return false;
    batch = waiting_.Take(due.layer, options_.poller_seconds, now);
    if (!poller_workspaces_.empty()) {
      workspace = std::move(poller_workspaces_.back());
      poller_workspaces_.pop_back();
    }
  }
  if (workspace == nullptr) workspace = std::make_unique<engine::Workspace>(pool_);
  const double measured = Execute(batch, *workspace);
  bool wake = false;
  {
    MutexLock lock(mutex_);
    wake = Record(batch, measured);
    poller_workspaces_.push_back(std::move(workspace));
  }
  if (wake) work_.NotifyOne();
  return true;
}

void Scheduler::Shutdown() {
  {
    MutexLock lock(mutex_);
    shutdown_ = true;
    improvable_.reset();
  }
  work_.NotifyAll();
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
  MutexLock lock(mutex_);
  poller_workspaces_.clear();
}

QueueStats Scheduler::stats() const {
  MutexLock lock(mutex_);
  return waiting_.stats();
}

// A worker that is awake takes whatever is due. One that sleeps is woken only for
// more than a poller does itself, so small work never waits for a wake-up: it is
// the poller's, or that of a worker who is busy now and looks again afterwards.
void Scheduler::WorkerLoop() {
  engine::Workspace workspace(pool_);
  // The kernel looks at who waits for a core once in some milliseconds; a thread
  // that has bytes to move should not wait so long for one that computes.
  workspace.set_between_tiles(std::this_thread::yield);
  while (true) {
    Batch batch;
    std::shared_ptr<LayerQueue> improvable;
    bool wake = false;
    {
      MutexLock lock(mutex_);
      batch = WaitForBatch(&improvable);
      if (batch.queue == nullptr && improvable == nullptr) return;
      wake = WakesWorker();
    }
    if (wake) work_.NotifyOne();
    if (improvable != nullptr) {
      Improve(improvable, workspace);
      continue;
    }
    const double measured = Execute(batch, workspace);
    {
      MutexLock lock(mutex_);
      Record(batch, measured);
    }
    std::this_thread::yield();
  }
}

bool Scheduler::Record(const Batch& batch, double measured) {
  LayerQueue& queue = *batch.queue;
  queue.slowdown_.Record(batch.taken.seconds, measured);
  queue.busy_seconds_ += measured;
  NoteImprovable(batch.queue);
  return improvable_ != nullptr && idle_workers_ > 0;
}

void Scheduler::NoteImprovable(const std::shared_ptr<LayerQueue>& queue) {
  const double most = kFirstImprovingSeconds + kImprovingShare * queue->busy_seconds_;
  const bool improves = queue->improving_seconds_ < most && queue->compiled().WantsImprovement();
  if (improves && improvable_ == nullptr && !shutdown_) improvable_ = queue;
}

void Scheduler::Improve(const std::shared_ptr<LayerQueue>& queue, engine::Workspace& workspace) {
  const Clock::time_point start = Clock::now();
  queue->compiled().Improve(workspace);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  MutexLock lock(mutex_);
  queue->improving_seconds_ += seconds;
  NoteImprovable(queue);
}

Batch Scheduler::WaitForBatch(std::shared_ptr<LayerQueue>* improvable) {
  while (true) {
    *improvable = std::move(improvable_);
    if (*improvable != nullptr) return {};
    const Clock::time_point now = Clock::now();
    const FairQueue::Due due =
        waiting_.FindDue(std::numeric_limits<double>::infinity(), shutdown_, now);
    if (due.layer != FairQueue::kNone) {
      return waiting_.Take(due.layer, BatchSeconds(due.layer), now);
    }
    if (shutdown_) return {};
    ++idle_workers_;
    if (due.next == Clock::time_point::max()) {
      work_.Wait(mutex_);
    } else {
      work_.WaitFor(mutex_, due.next - now);
    }
    --idle_workers_;
    woken_workers_ = std::max(0, woken_workers_ - 1);
  }
}

bool Scheduler::WakesWorker() {
  const bool little = waiting_.stats().seconds <= options_.poller_seconds;
  if (little || idle_workers_ <= woken_workers_) return false;
  ++woken_workers_;
  return true;
}

double Scheduler::BatchSeconds(size_t layer) const {
  // A worker's fair share of what waits of the layer: taking it all would leave
  // the others idle, or to the layers beside it.
  const double share = waiting_.SecondsOf(layer) / options_.workers;
  return std::clamp(share, kShortestBatchSeconds, kLongestBatchSeconds);
}

double Scheduler::Execute(const Batch& batch, engine::Workspace& workspace) {
  const Clock::time_point start = Clock::now();
  for (Task* task : batch.taken.hopeless) {
    task->Fail(absl::DeadlineExceededError(
        "the request waited until its deadline could no longer be kept"));
  }
  if (!batch.taken.tasks.empty()) Compute(*batch.queue, batch.taken.tasks, workspace);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void Scheduler::Compute(LayerQueue& queue, const std::vector<Task*>& tasks,
                        engine::Workspace& workspace) {
  const std::vector<const batch::Input*> inputs(tasks.begin(), tasks.end());
  std::vector<TaskOutput> outputs(inputs.size());
  const Clock::time_point start = Clock::now();
  const absl::Status status = queue.compiled().Run(inputs, absl::MakeSpan(outputs), workspace);
  if (queue.observer() != nullptr) {
    int64_t sequences = 0;
    for (const batch::Input* input : inputs) sequences += input->shape.sequences;
    queue.observer()->OnBatch(static_cast<int64_t>(inputs.size()), sequences, Clock::now() - start);
  }
  {
    MutexLock lock(mutex_);
    waiting_.ReleaseBytes(tasks);
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (status.ok()) {
      tasks[i]->Succeed(std::move(outputs[i]));
    } else {
      tasks[i]->Fail(status);
    }
  }
}

}  // namespace convoy::batching
