#include "server/batching/scheduler.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/base/thread.h"
#include "kernel/batch/parts.h"
#include "server/batching/admission.h"
#include "server/batching/parts_for_turns.h"
#include "server/batching/split_task.h"

namespace convoy::batching {
namespace {

// A batch is not cut shorter than this to feed another worker.
constexpr double kShortestBatchSeconds = 200e-6;
// A task of less than two such parts stays whole: a hand-over costs 30 to 60 us.
constexpr double kShortestPartSeconds = 200e-6;

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

absl::Status Scheduler::Submit(const std::shared_ptr<LayerHandle>& layer, Task* task) {
  const Clock::time_point now = Clock::now();
  task->entry = {.task = task, .whole = &task->entry};
  Measure(*layer, now, *task);
  int64_t parts = PartsOf(*layer, *task);
  // Frames keep their place in a tile only if their sequence is whole.
  if (layer->compiled().deterministic()) parts = std::min(parts, task->input.shape.sequences);
  if (parts > 1) {
    std::vector<batch::Input> inputs = batch::Cut(layer->compiled().layer(), task->input, parts);
    if (inputs.size() > 1) {
      auto* split = new SplitTask(task, std::move(inputs));
      task->entry.split = split;
      const std::vector<Entry*> entries = split->parts();
      for (Entry* part : entries) Measure(*layer, now, *part->task);
      absl::Status taken = Enqueue(layer, task->entry, entries);
      if (!taken.ok()) split->Discard();
      return taken;
    }
  }
  Entry* const whole = &task->entry;
  return Enqueue(layer, *whole, absl::MakeConstSpan(&whole, 1));
}

void Scheduler::Measure(const LayerHandle& layer, Clock::time_point now, Task& task) {
  Entry& entry = task.entry;
  entry.arrived = now;
  entry.deadline = task.deadline;
  entry.priority = task.priority;
  for (const batch::Bytes& piece : task.input.payload) entry.bytes += piece.size();
  entry.answer_bytes = layer.compiled().OutputBytes(task.input.shape);
  entry.seconds = layer.compiled().EstimateSeconds(task.input.shape);
}

int64_t Scheduler::PartsOf(const LayerHandle& layer, const Task& task) const {
  const auto shares = static_cast<int64_t>(task.entry.seconds / kShortestPartSeconds);
  if (shares < 2) return 1;
  const int64_t parts = PartsForTurns(
      task.input.shape, kLongestBatchSeconds,
      [&](const layer::InputShape& shape) { return layer.compiled().EstimateSeconds(shape); });
  MutexLock lock(mutex_);
  if (!waiting_.empty()) return parts;
  return std::max(parts, std::min<int64_t>(options_.workers, shares));
}

absl::Status Scheduler::Enqueue(const std::shared_ptr<LayerHandle>& layer, const Entry& whole,
                                absl::Span<Entry* const> entries) {
  size_t wakes = 0;
  {
    MutexLock lock(mutex_);
    if (shutdown_) return absl::UnavailableError("the server is shutting down");
    CONVOY_RETURN_IF_ERROR(Admit(*layer, whole, static_cast<int64_t>(entries.size())));
    waiting_.Push(layer, entries);
    // All who share a task at once: each would wake the next, one after the other.
    while (wakes < entries.size() && WakesWorker()) ++wakes;
    // Somebody has to keep the time of a batch that is delayed.
    if (layer->options().max_queue_delay.count() > 0) wakes = std::max<size_t>(wakes, 1);
  }
  for (; wakes > 0; --wakes) work_.NotifyOne();
  return absl::OkStatus();
}

absl::Status Scheduler::Admit(const LayerHandle& layer, const Entry& whole, int64_t parts) {
  const AdmissionLimits limits{.max_bytes = options_.max_queue_bytes,
                               .max_unread_bytes = options_.max_unread_bytes,
                               .max_seconds = options_.max_queue_seconds,
                               .workers = options_.workers};
  Backlog backlog = waiting_.BacklogFor(layer);
  backlog.answer_bytes += static_cast<int64_t>(pool_.used_bytes());
  const Demand demand{.bytes = whole.bytes,
                      .answer_bytes = whole.answer_bytes,
                      .seconds = whole.seconds,
                      .wall_seconds = whole.seconds * backlog.layer_slowdown,
                      .parts = parts,
                      .deadline = whole.deadline};
  absl::Status admitted = batching::Admit(limits, backlog, demand, whole.arrived);
  if (absl::IsResourceExhausted(admitted)) refusals_.Note(whole.arrived);
  return admitted;
}

void Scheduler::Cancel(Task* task, const absl::Status& why) {
  std::vector<Entry*> withdrawn;
  {
    MutexLock lock(mutex_);
    withdrawn = waiting_.Withdraw(task->entry);
  }
  for (Entry* entry : withdrawn) entry->task->Fail(why);
}

bool Scheduler::RunSmall() {
  Batch batch;
  std::unique_ptr<engine::Workspace> workspace;
  {
    MutexLock lock(mutex_);
    if (waiting_.empty()) return false;
    const Clock::time_point now = Clock::now();
    const FairQueue::Due due = waiting_.FindDue(options_.small_seconds, shutdown_, now);
    if (due.layer == FairQueue::kNone) return false;
    batch = waiting_.Take(due.layer, options_.small_seconds, now);
    if (!workspaces_.empty()) {
      workspace = std::move(workspaces_.back());
      workspaces_.pop_back();
    }
  }
  if (workspace == nullptr) workspace = std::make_unique<engine::Workspace>(pool_);
  const double measured = Execute(batch, *workspace);
  bool wake = false;
  {
    MutexLock lock(mutex_);
    Record(batch, measured);
    workspaces_.push_back(std::move(workspace));
    // Improving a layer takes longer than this thread has.
    wake = improvement_.is_due() && idle_workers_ > 0;
  }
  if (wake) work_.NotifyOne();
  return true;
}

void Scheduler::Shutdown() {
  {
    MutexLock lock(mutex_);
    shutdown_ = true;
    improvement_.Close();
  }
  work_.NotifyAll();
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
  MutexLock lock(mutex_);
  workspaces_.clear();
}

bool Scheduler::HasIdleWorker() const {
  MutexLock lock(mutex_);
  return idle_workers_ > woken_workers_;
}

QueueStats Scheduler::stats() const {
  MutexLock lock(mutex_);
  return waiting_.stats();
}

// A worker that is awake takes whatever is due. One that sleeps is woken only for
// more than a submitter runs itself, so small work never waits for a wake-up: it is
// the submitter's, or that of a worker who is busy now and looks again afterwards.
void Scheduler::WorkerLoop() {
  engine::Workspace workspace(pool_);
  // The kernel looks at who waits for a core once in some milliseconds; a thread
  // that has bytes to move should not wait so long for one that computes.
  workspace.set_between_tiles(std::this_thread::yield);
  while (true) {
    Work work;
    bool wake = false;
    {
      MutexLock lock(mutex_);
      work = WaitForWork();
      wake = WakesWorker();
    }
    if (wake) work_.NotifyOne();
    if (work.improvable != nullptr) {
      Improve(work.improvable, workspace);
      continue;
    }
    if (work.batch.layer == nullptr) return;
    const double measured = Execute(work.batch, workspace);
    {
      MutexLock lock(mutex_);
      Record(work.batch, measured);
    }
    std::this_thread::yield();
  }
}

Scheduler::Work Scheduler::WaitForWork() {
  while (true) {
    if (improvement_.is_due()) return {.improvable = improvement_.Take()};
    const Clock::time_point now = Clock::now();
    const FairQueue::Due due =
        waiting_.FindDue(std::numeric_limits<double>::infinity(), shutdown_, now);
    if (due.layer != FairQueue::kNone) {
      return {.batch = waiting_.Take(due.layer, BatchSeconds(due.layer), now)};
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
  const bool little = waiting_.stats().seconds <= options_.small_seconds;
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

void Scheduler::Record(const Batch& batch, double measured) {
  waiting_.Record(batch, measured);
  improvement_.NoteBatch(batch.layer, measured);
}

double Scheduler::Execute(const Batch& batch, engine::Workspace& workspace) {
  const Clock::time_point start = Clock::now();
  for (Entry* entry : batch.hopeless) {
    entry->task->Fail(absl::DeadlineExceededError(
        "the request waited until its deadline could no longer be kept"));
  }
  if (!batch.entries.empty()) Compute(batch, workspace);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void Scheduler::Compute(const Batch& batch, engine::Workspace& workspace) {
  std::vector<const batch::Input*> inputs;
  int64_t sequences = 0;
  for (const Entry* entry : batch.entries) {
    inputs.push_back(&entry->task->input);
    sequences += entry->task->input.shape.sequences;
  }
  std::vector<TaskOutput> outputs(inputs.size());
  const Clock::time_point start = Clock::now();
  const absl::Status status =
      batch.layer->compiled().Run(inputs, absl::MakeSpan(outputs), workspace);
  if (BatchObserver* const observer = batch.layer->observer(); observer != nullptr) {
    observer->OnBatch(static_cast<int64_t>(inputs.size()), sequences, Clock::now() - start);
  }
  {
    MutexLock lock(mutex_);
    waiting_.ReleaseBytes(batch.entries);
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    Task* const task = batch.entries[i]->task;
    if (status.ok()) {
      task->Succeed(std::move(outputs[i]));
    } else {
      task->Fail(status);
    }
  }
}

void Scheduler::Improve(const std::shared_ptr<LayerHandle>& layer, engine::Workspace& workspace) {
  const Clock::time_point start = Clock::now();
  layer->compiled().Improve(workspace);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  MutexLock lock(mutex_);
  improvement_.NoteImproved(layer, seconds);
}

}  // namespace convoy::batching
