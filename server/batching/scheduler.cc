#include "server/batching/scheduler.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/out_of_memory.h"
#include "kernel/base/status_macros.h"
#include "kernel/base/thread.h"
#include "kernel/engine/run_path.h"
#include "server/batching/parts_for_turns.h"
#include "server/batching/refusal_reason.h"

namespace convoy::batching {
namespace {

// A task of less than two such parts stays whole: a hand-over costs 30 to 60 us.
constexpr double kShortestPartSeconds = 200e-6;

// A worker's turn on the processor: short, but longer than that of a thread that
// moves bytes, which asks for the shortest there are and so goes before it.
constexpr std::chrono::microseconds kTurn{150};
// A worker computes for so long, about the longest tile, before it lets others pass.
constexpr std::chrono::microseconds kBetweenYields{400};

// The kernel looks at who waits for a core once in some milliseconds; a thread that
// has bytes to move should not wait so long for one that computes. But who yields
// forfeits the rest of its turn (Linux 6.17 and newer): with turns of 3 ms, or after
// each short tile, a worker would lose most of its share to a busy neighbour.
void LetOthersPass() {
  thread_local Clock::time_point last;
  if (Clock::now() - last < kBetweenYields) return;
  std::this_thread::yield();
  last = Clock::now();
}

AdmissionLimits LimitsOf(const SchedulerOptions& options, int workers) {
  return {.max_bytes = options.max_queue_bytes,
          .max_unread_bytes = options.max_unread_bytes,
          .max_run_bytes = options.max_run_bytes,
          .max_seconds = options.max_queue_seconds,
          .workers = workers};
}

// What a part takes to copy the frames that its neighbour copies too.
double OverlapSeconds(const layer::Conv1D& layer, layer::DType dtype) {
  constexpr double kBytesPerSecond = 4e9;
  const layer::Window& window = layer.config().window;
  const int64_t frames = std::max<int64_t>(0, window.extent() - window.strides);
  const int64_t frame_bytes = layer.input_channels() * layer::SizeOf(dtype);
  return static_cast<double>(frames) * static_cast<double>(frame_bytes) / kBytesPerSecond;
}

int64_t MultiplyAccumulatesPerFrame(const layer::Conv1D& layer) {
  const layer::Conv1DConfig& config = layer.config();
  return config.window.kernel_size * (layer.input_channels() / config.groups) * config.filters;
}

// REQUIRES: the batch was the last that ran in the workspace.
RunCounts CountRun(const Batch& batch, engine::Workspace& workspace) {
  const layer::Conv1D& layer = batch.layer->compiled().layer();
  RunCounts counts;
  int64_t packed_frames = 0;
  for (const Batch::Part& part : batch.parts) {
    const layer::InputShape& shape = part.entry->task->parts.input(part.index).shape;
    const int64_t frames = shape.sequences * shape.frames.output;
    counts.wanted_frames += frames;
    switch (engine::PathOf(layer, shape)) {
      case engine::RunPath::kPacked:
        ++counts.packed;
        packed_frames += frames;
        break;
      case engine::RunPath::kChunks:
        ++counts.chunked;
        break;
      case engine::RunPath::kDirect:
        ++counts.direct;
    }
  }
  if (packed_frames > 0) {
    int64_t computed = 0;
    for (const auto& tile : workspace.lists().plan.tiles()) computed += tile.timed.shape.frames();
    // The plan of a very large batch is not kept.
    counts.wasted_frames = std::max<int64_t>(computed - packed_frames, 0);
  }
  counts.multiply_accumulates =
      (counts.wanted_frames + counts.wasted_frames) * MultiplyAccumulatesPerFrame(layer);
  return counts;
}

BatchReport Report(const Batch& batch, const RunCounts& run, Clock::duration duration,
                   const std::vector<Entry*>& done) {
  BatchReport report{
      .parts = static_cast<int64_t>(batch.parts.size()), .run = run, .duration = duration};
  for (Entry* entry : done) {
    entry->batch = {report.parts, run.wanted_frames};
    if (!entry->failure.ok()) continue;
    ++report.requests;
    report.sequences += entry->task->input.shape.sequences;
    report.request_durations += entry->ran;
    report.longest_request = std::max<std::chrono::nanoseconds>(report.longest_request, entry->ran);
  }
  return report;
}

// Calls back a task that is done. It may be gone afterwards.
void Answer(Entry& entry) {
  Task* const task = entry.task;
  if (entry.failure.ok()) {
    absl::StatusOr<TaskOutput> output = task->parts.TakeOutput();
    if (output.ok()) return task->Succeed(*std::move(output));
    entry.failure = output.status();
  }
  task->parts.Clear();
  task->Fail(std::move(entry.failure));
}

}  // namespace

Scheduler::Scheduler(const SchedulerOptions& options)
    : options_(options),
      pool_(static_cast<size_t>(options.max_idle_buffer_bytes)),
      workspaces_(pool_),
      niceness_(options.worker_nice),
      queue_(FairQueue::Options{.limits = LimitsOf(options, options.workers),
                                .small_seconds = options.small_seconds}) {
  for (int i = 0; i < options.workers; ++i) {
    workers_.emplace_back([this, i] {
      SetThreadName(absl::StrCat("worker-", i));
      niceness_.Join();
      WorkerLoop();
    });
  }
}

Scheduler::~Scheduler() { Shutdown(); }

absl::Status Scheduler::Submit(const std::shared_ptr<LayerHandle>& layer, Task* task) {
  const Clock::time_point now = Clock::now();
  CONVOY_RETURN_IF_ERROR(Prepare(*layer, now, *task));
  size_t wakes = 0;
  {
    MutexLock lock(mutex_);
    if (shutdown_) {
      return WithReason(absl::UnavailableError("the server is shutting down"),
                        RefusalReason::kShutdown);
    }
    absl::Status taken =
        queue_.Push(layer, task->entry, static_cast<int64_t>(pool_.used_bytes()), now);
    if (absl::IsResourceExhausted(taken)) refusals_.Note(now);
    if (!taken.ok()) return taken;
    // All who share a task at once: each would wake the next, one after the other.
    while (wakes < task->entry.parts.size() && WakesWorker()) ++wakes;
    // Somebody has to keep the time of a batch that is delayed.
    if (layer->options().max_queue_delay.count() > 0) wakes = std::max<size_t>(wakes, 1);
  }
  for (; wakes > 0; --wakes) work_.NotifyOne();
  return absl::OkStatus();
}

absl::Status Scheduler::Prepare(const LayerHandle& layer, Clock::time_point now, Task& task) const {
  const PartCost whole = CostOf(layer.compiled(), task.input);
  int64_t parts = PartsOf(layer, task.input, whole.seconds);
  // Frames keep their place in a tile only if their sequence is whole.
  if (layer.compiled().deterministic()) parts = std::min(parts, task.input.shape.sequences);
  if (parts > 1) {
    CONVOY_RETURN_IF_ERROR(task.parts.Cut(layer.compiled(), task.input, parts));
  } else {
    task.parts.SetWhole(task.input, whole);
  }
  task.entry = {.task = &task,
                .arrived = now,
                .deadline = task.deadline,
                .priority = task.priority,
                .tenant = task.tenant,
                .bytes = whole.bytes,
                .answer_bytes = whole.answer_bytes,
                .parts = task.parts.costs()};
  for (const PartCost& part : task.entry.parts) {
    task.entry.seconds += part.seconds;
    task.entry.run_bytes = std::max(task.entry.run_bytes, part.run_bytes);
  }
  return absl::OkStatus();
}

int64_t Scheduler::PartsOf(const LayerHandle& layer, const batch::Input& input,
                           double seconds) const {
  const auto shares = static_cast<int64_t>(seconds / kShortestPartSeconds);
  if (shares < 2) return 1;
  const int64_t parts = PartsForTurns(
      input.shape, kLongestBatchSeconds, OverlapSeconds(layer.compiled().layer(), input.dtype),
      [&](const layer::InputShape& part) { return layer.compiled().EstimateSeconds(part); });
  MutexLock lock(mutex_);
  if (!queue_.empty()) return parts;
  return std::max(parts, std::min<int64_t>(options_.workers, shares));
}

void Scheduler::Cancel(Task* task, const absl::Status& why) {
  bool done = false;
  {
    MutexLock lock(mutex_);
    done = queue_.Withdraw(task->entry, why, Clock::now());
  }
  if (done) Answer(task->entry);
}

bool Scheduler::RunSmall() {
  Batch batch;
  {
    MutexLock lock(mutex_);
    if (queue_.empty()) return false;
    batch = queue_.TakeSmall(Clock::now());
    if (batch.layer == nullptr) return false;
  }
  const double measured = Execute(batch, nullptr);
  bool wake = false;
  {
    MutexLock lock(mutex_);
    Record(batch, measured);
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
    queue_.EndDelays();
    improvement_.Close();
  }
  work_.NotifyAll();
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
}

Scheduler::Released Scheduler::ReleaseIdle() {
  const bool used = workspaces_.ReleaseIdle();
  return {pool_.ReleaseIdle(), used};
}

bool Scheduler::AnswersPileUp() const {
  MutexLock lock(mutex_);
  return static_cast<int64_t>(pool_.used_bytes()) > queue_.limits().max_unread_bytes / 4 * 3;
}

void Scheduler::SetLimits(const SchedulerOptions& options) {
  MutexLock lock(mutex_);
  queue_.SetLimits(LimitsOf(options, options_.workers));
}

bool Scheduler::HasIdleWorker() const {
  MutexLock lock(mutex_);
  return idle_workers_ > woken_workers_;
}

void Scheduler::TellBacklogs() const {
  std::vector<std::pair<std::shared_ptr<LayerHandle>, LayerBacklog>> backlogs;
  {
    MutexLock lock(mutex_);
    backlogs = queue_.Backlogs();
  }
  for (const auto& [layer, backlog] : backlogs) {
    if (BatchObserver* const observer = layer->observer()) observer->OnBacklog(backlog);
  }
}

QueueStats Scheduler::stats() const {
  MutexLock lock(mutex_);
  return queue_.stats();
}

// A worker that is awake takes whatever is due. One that sleeps is woken only for
// more than a submitter runs itself, so small work never waits for a wake-up: it is
// the submitter's, or that of a worker who is busy now and looks again afterwards.
void Scheduler::WorkerLoop() {
  void (*const between_tiles)() = PreferTurns(kTurn) ? LetOthersPass : nullptr;
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
      Improve(work.improvable);
      continue;
    }
    if (work.batch.layer == nullptr) return;
    const double measured = Execute(work.batch, between_tiles);
    {
      MutexLock lock(mutex_);
      Record(work.batch, measured);
    }
    if (between_tiles != nullptr) LetOthersPass();
  }
}

Scheduler::Work Scheduler::WaitForWork() {
  while (true) {
    if (improvement_.is_due()) return {.improvable = improvement_.Take()};
    const Clock::time_point now = Clock::now();
    Clock::time_point next_due;
    Batch batch = queue_.TakeForWorker(now, &next_due);
    if (batch.layer != nullptr) return {.batch = std::move(batch)};
    if (shutdown_) return {};
    ++idle_workers_;
    if (next_due == Clock::time_point::max()) {
      work_.Wait(mutex_);
    } else {
      work_.WaitFor(mutex_, next_due - now);
    }
    --idle_workers_;
    woken_workers_ = std::max(0, woken_workers_ - 1);
  }
}

bool Scheduler::WakesWorker() {
  if (!queue_.wants_worker() || idle_workers_ <= woken_workers_) return false;
  ++woken_workers_;
  return true;
}

void Scheduler::Record(const Batch& batch, double seconds) {
  queue_.Settle(batch, seconds);
  improvement_.NoteBatch(batch.layer, seconds);
}

double Scheduler::Execute(const Batch& batch, void (*between_tiles)()) {
  for (Entry* entry : batch.dropped) Answer(*entry);
  if (batch.parts.empty()) return 0;
  const Clock::time_point start = Clock::now();
  std::unique_ptr<engine::Workspace> workspace = workspaces_.Take();
  workspace->set_between_tiles(between_tiles);
  const absl::Status status =
      CatchOutOfMemory("running a batch", [&] { return Compute(batch, *workspace); });
  const RunCounts run = CountRun(batch, *workspace);
  workspaces_.GiveBack(std::move(workspace));
  const Clock::time_point end = Clock::now();
  std::vector<Entry*> done;
  {
    MutexLock lock(mutex_);
    queue_.Finish(batch, status, end, done);
  }
  const BatchReport report = Report(batch, run, end - start, done);
  if (BatchObserver* const observer = batch.layer->observer()) observer->OnBatch(report);
  for (Entry* entry : done) Answer(*entry);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

absl::Status Scheduler::Compute(const Batch& batch, engine::Workspace& workspace) {
  std::vector<const batch::Input*> inputs;
  for (const Batch::Part& part : batch.parts) {
    inputs.push_back(&part.entry->task->parts.input(part.index));
  }
  std::vector<TaskOutput> outputs(inputs.size());
  absl::Status status = batch.layer->compiled().Run(inputs, absl::MakeSpan(outputs), workspace);
  if (!status.ok()) return status;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Batch::Part& part = batch.parts[i];
    part.entry->task->parts.SetOutput(part.index, std::move(outputs[i]));
  }
  return status;
}

void Scheduler::Improve(const std::shared_ptr<LayerHandle>& layer) {
  const Clock::time_point start = Clock::now();
  std::unique_ptr<engine::Workspace> workspace = workspaces_.Take();
  layer->compiled().Improve(*workspace);
  workspaces_.GiveBack(std::move(workspace));
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  MutexLock lock(mutex_);
  improvement_.NoteImproved(layer, seconds);
}

}  // namespace convoy::batching
