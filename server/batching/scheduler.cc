#include "server/batching/scheduler.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/batching/thread_name.h"

namespace convoy::batching {
namespace {

// A batch is at most this long, so that other layers' tasks pass between, ...
constexpr double kLongestBatchSeconds = 2e-3;
// ... and is not cut shorter than this to feed another worker.
constexpr double kShortestBatchSeconds = 200e-6;

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
  task->payload_bytes_ = 0;
  for (const batch::Bytes& piece : task->payload) task->payload_bytes_ += piece.size();
  task->seconds_ = queue->compiled().EstimateSeconds(task->shape);
  bool wake = false;
  {
    MutexLock lock(mutex_);
    if (shutdown_) return absl::UnavailableError("the server is shutting down");
    if (stats_.bytes > 0 && stats_.bytes + task->payload_bytes_ > options_.max_queue_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the queue is full: ", stats_.bytes, " bytes wait or run, the request has ",
                       task->payload_bytes_, ", the limit is ", options_.max_queue_bytes));
    }
    if (queue->empty()) {
      queue->served_ = std::max(queue->served_, served_);
      active_.push_back(queue);
    }
    queue->Push(task);
    stats_.tasks += 1;
    stats_.bytes += task->payload_bytes_;
    stats_.seconds += task->seconds_;
    wake = WakesWorker();
  }
  if (wake) work_.NotifyOne();
  return absl::OkStatus();
}

bool Scheduler::RunOnPoller() {
  Batch batch;
  std::unique_ptr<engine::Workspace> workspace;
  {
    MutexLock lock(mutex_);
    if (active_.empty() || stats_.seconds > options_.poller_seconds) return false;
    batch = TakeBatch(options_.poller_seconds);
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

// A worker that is awake takes whatever waits. One that sleeps is woken only for
// more than a poller does itself, so small work never waits for a wake-up: it is
// the poller's, or that of a worker who is busy now and looks again afterwards.
void Scheduler::WorkerLoop() {
  engine::Workspace workspace(pool_);
  while (true) {
    Batch batch;
    bool wake = false;
    {
      MutexLock lock(mutex_);
      WaitForWork();
      if (active_.empty()) return;  // after a shutdown
      batch = TakeBatch(BatchSeconds());
      wake = WakesWorker();
    }
    if (wake) work_.NotifyOne();
    Execute(std::move(batch), workspace);
  }
}

void Scheduler::WaitForWork() {
  while (!shutdown_ && active_.empty()) {
    ++idle_workers_;
    work_.Wait(mutex_);
    --idle_workers_;
    woken_workers_ = std::max(0, woken_workers_ - 1);
  }
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

Scheduler::Batch Scheduler::TakeBatch(double seconds) {
  const auto least =
      std::min_element(active_.begin(), active_.end(),
                       [](const auto& a, const auto& b) { return a->served_ < b->served_; });
  Batch batch;
  batch.queue = *least;
  served_ = batch.queue->served_;
  const double taken = batch.queue->Take(seconds, batch.tasks);
  batch.queue->served_ += taken;
  if (batch.queue->empty()) {
    std::swap(*least, active_.back());
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
