#include "server/batching/scheduler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/batch/parts.h"
#include "server/batching/admission.h"
#include "server/batching/split_task.h"
#include "server/batching/thread_name.h"

namespace convoy::batching {
namespace {

// A batch is at most this long, so that other layers' tasks pass between, ...
constexpr double kLongestBatchSeconds = 2e-3;
// ... and is not cut shorter than this to feed another worker.
constexpr double kShortestBatchSeconds = 200e-6;
// A task of less than two such parts stays whole: a hand-over costs 30 to 60 us.
constexpr double kShortestPartSeconds = 200e-6;
// More would cost more to keep than the last of them brings.
constexpr double kMostParts = 4096;

}  // namespace

Scheduler::Scheduler(const SchedulerOptions& options)
    : options_(options), pool_(static_cast<size_t>(options.max_idle_buffer_bytes)) {
  for (int i = 0; i < options.workers; ++i) {
    workers_.emplace_back([this, i] {
      SetThreadName(absl::StrCat("worker-", i));
      WorkerLoop();
    });
  }
}

Scheduler::~Scheduler() { Shutdown(); }

absl::Status Scheduler::Submit(const std::shared_ptr<LayerQueue>& queue, Task* task) {
  const Clock::time_point now = Clock::now();
  Measure(*queue, now, *task);
  const int64_t parts = PartsOf(*task);
  if (parts > 1) {
    std::vector<batch::Input> inputs = batch::Cut(queue->compiled().layer(), *task, parts);
    if (inputs.size() > 1) {
      auto* split = new SplitTask(task, std::move(inputs));
      const std::vector<Task*> tasks = split->parts();
      for (Task* part : tasks) Measure(*queue, now, *part);
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
  task.seconds_ = queue.compiled().EstimateSeconds(task.shape);
}

int64_t Scheduler::PartsOf(const Task& task) const {
  const double shortest = task.seconds_ / kShortestPartSeconds;
  if (shortest < 2) return 1;
  // So that a part is a batch, not longer.
  double parts = std::ceil(task.seconds_ / kLongestBatchSeconds);
  MutexLock lock(mutex_);
  if (active_.empty()) {
    parts = std::max(parts, std::min<double>(options_.workers, std::floor(shortest)));
  }
  return static_cast<int64_t>(std::min(parts, kMostParts));
}

absl::Status Scheduler::Enqueue(const std::shared_ptr<LayerQueue>& queue, const Task& whole,
                                absl::Span<Task* const> tasks) {
  bool wake = false;
  {
    MutexLock lock(mutex_);
    if (shutdown_) return absl::UnavailableError("the server is shutting down");
    CONVOY_RETURN_IF_ERROR(Admit(*queue, whole, static_cast<int64_t>(tasks.size())));
    if (queue->empty()) {
      queue->served_ = std::max(queue->served_, served_);
      active_.push_back(queue);
    }
    for (Task* task : tasks) {
      queue->Push(task);
      stats_.bytes += task->payload_bytes_;
      stats_.seconds += task->seconds_;
    }
    stats_.tasks += static_cast<int64_t>(tasks.size());
    // Somebody has to keep the time of a batch that is delayed.
    wake = WakesWorker() || queue->options().max_queue_delay.count() > 0;
  }
  if (wake) work_.NotifyOne();
  return absl::OkStatus();
}

absl::Status Scheduler::Admit(const LayerQueue& queue, const Task& whole, int64_t parts) const {
  const AdmissionLimits limits{options_.max_queue_bytes, options_.max_queue_seconds,
                               options_.workers};
  const auto layers = static_cast<int64_t>(active_.size()) + (queue.empty() ? 1 : 0);
  const Backlog backlog{stats_.bytes, stats_.seconds, queue.waiting_seconds_, layers};
  return batching::Admit(limits, backlog,
                         {whole.payload_bytes_, whole.seconds_, parts, whole.deadline},
                         whole.arrived_);
}

bool Scheduler::RunOnPoller() {
  Batch batch;
  std::unique_ptr<engine::Workspace> workspace;
  {
    MutexLock lock(mutex_);
    if (active_.empty()) return false;
    Clock::time_point next;
    const auto due = FindDue(options_.poller_seconds, Clock::now(), &next);
    if (due == active_.end()) return false;
    batch = TakeBatch(due, options_.poller_seconds);
    if (!poller_workspaces_.empty()) {
      workspace = std::move(poller_workspaces_.back());
      poller_workspaces_.pop_back();
    }
  }
  if (workspace == nullptr) workspace = std::make_unique<engine::Workspace>(pool_);
  Execute(std::move(batch), *workspace);
  MutexLock lock(mutex_);
  poller_workspaces_.push_back(std::move(workspace));
  return true;
}

void Scheduler::Shutdown() {
  {
    MutexLock lock(mutex_);
    shutdown_ = true;
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
  return stats_;
}

// A worker that is awake takes whatever is due. One that sleeps is woken only for
// more than a poller does itself, so small work never waits for a wake-up: it is
// the poller's, or that of a worker who is busy now and looks again afterwards.
void Scheduler::WorkerLoop() {
  engine::Workspace workspace(pool_);
  while (true) {
    Batch batch;
    bool wake = false;
    {
      MutexLock lock(mutex_);
      const auto due = WaitForWork();
      if (due == active_.end()) return;  // after a shutdown
      batch = TakeBatch(due, BatchSeconds());
      wake = WakesWorker();
    }
    if (wake) work_.NotifyOne();
    Execute(std::move(batch), workspace);
  }
}

Scheduler::Layers::iterator Scheduler::WaitForWork() {
  while (true) {
    const Clock::time_point now = Clock::now();
    Clock::time_point next;
    const auto due = FindDue(std::numeric_limits<double>::infinity(), now, &next);
    if (due != active_.end() || (shutdown_ && active_.empty())) return due;
    ++idle_workers_;
    if (next == Clock::time_point::max()) {
      work_.Wait(mutex_);
    } else {
      work_.WaitFor(mutex_, next - now);
    }
    --idle_workers_;
    woken_workers_ = std::max(0, woken_workers_ - 1);
  }
}

Scheduler::Layers::iterator Scheduler::FindDue(double most_seconds, Clock::time_point now,
                                               Clock::time_point* next) {
  *next = Clock::time_point::max();
  auto best = active_.end();
  for (auto layer = active_.begin(); layer != active_.end(); ++layer) {
    if ((*layer)->waiting_seconds_ > most_seconds) continue;
    const Clock::time_point ready =
        shutdown_ ? Clock::time_point::min() : (*layer)->ReadyAt(kLongestBatchSeconds);
    if (ready > now) {
      *next = std::min(*next, ready);
    } else if (best == active_.end() || (*layer)->served_ < (*best)->served_) {
      best = layer;
    }
  }
  return best;
}

bool Scheduler::WakesWorker() {
  if (idle_workers_ <= woken_workers_ || stats_.seconds <= options_.poller_seconds) return false;
  ++woken_workers_;
  return true;
}

double Scheduler::BatchSeconds() const {
  // A fair share of what waits for each worker: taking it all would leave the
  // others idle.
  const double share = stats_.seconds / options_.workers;
  return std::clamp(share, kShortestBatchSeconds, kLongestBatchSeconds);
}

Scheduler::Batch Scheduler::TakeBatch(Layers::iterator layer, double seconds) {
  Batch batch;
  batch.queue = *layer;
  served_ = batch.queue->served_;
  const double taken = batch.queue->Take(seconds, batch.tasks);
  batch.queue->served_ += taken;
  if (batch.queue->empty()) {
    std::swap(*layer, active_.back());
    active_.pop_back();
  }
  stats_.tasks -= static_cast<int64_t>(batch.tasks.size());
  stats_.seconds = active_.empty() ? 0 : stats_.seconds - taken;
  return batch;
}

void Scheduler::Execute(Batch batch, engine::Workspace& workspace) {
  int64_t bytes = 0;
  for (const Task* task : batch.tasks) bytes += task->payload_bytes_;
  FailExpired(batch.tasks);
  std::vector<const batch::Input*> inputs(batch.tasks.begin(), batch.tasks.end());
  std::vector<TaskOutput> outputs(inputs.size());
  const Clock::time_point start = Clock::now();
  const absl::Status status =
      batch.queue->compiled().Run(inputs, absl::MakeSpan(outputs), workspace);
  if (batch.queue->observer() != nullptr && !inputs.empty()) {
    int64_t sequences = 0;
    for (const batch::Input* input : inputs) sequences += input->shape.sequences;
    batch.queue->observer()->OnBatch(static_cast<int64_t>(inputs.size()), sequences,
                                     Clock::now() - start);
  }
  {
    MutexLock lock(mutex_);
    stats_.bytes -= bytes;
  }
  for (size_t i = 0; i < batch.tasks.size(); ++i) {
    if (status.ok()) {
      batch.tasks[i]->Succeed(std::move(outputs[i]));
    } else {
      batch.tasks[i]->Fail(status);
    }
  }
}

void Scheduler::FailExpired(std::vector<Task*>& tasks) {
  const Clock::time_point now = Clock::now();
  const auto expired = std::stable_partition(
      tasks.begin(), tasks.end(), [now](const Task* task) { return task->deadline > now; });
  for (auto it = expired; it != tasks.end(); ++it) {
    (*it)->Fail(absl::DeadlineExceededError("the deadline passed while the request waited"));
  }
  tasks.erase(expired, tasks.end());
}

}  // namespace convoy::batching
