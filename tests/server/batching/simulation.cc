#include "tests/server/batching/simulation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"

namespace convoy::batching {
namespace {

Clock::duration Duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

double SecondsOf(Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

constexpr double kCallersRetrySeconds = 1e-3;

}  // namespace

Simulation::Simulation(const SimulatedServer& server, std::vector<SimulatedLoad> loads,
                       unsigned seed)
    : server_(server),
      random_(seed),
      queue_({.limits = {.max_bytes = server.max_bytes,
                         .max_unread_bytes = int64_t{1} << 40,
                         .max_seconds = server.max_queue_seconds,
                         .workers = server.workers},
              .small_seconds = server.small_seconds}),
      threads_(server.workers + (server.small_seconds > 0 ? 1 : 0)) {
  for (SimulatedLoad& load : loads) {
    Layer layer;
    layer.load = load;
    layer.handle = std::make_shared<LayerHandle>(nullptr, nullptr, load.options);
    layers_.push_back(std::move(layer));
  }
}

void Simulation::Run(double seconds) {
  last_call_ = now_ + Duration(seconds);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const SimulatedLoad& load = layers_[i].load;
    for (int caller = 0; caller < load.callers; ++caller) {
      At(load.starts_at + Uniform(0, load.think_seconds), [this, i] { Call(i); });
    }
  }
  while (!events_.empty() && failure_.empty()) {
    const Event event = events_.top();
    events_.pop();
    NoteTime(event.at);
    event.happens();
    Dispatch();
    CheckSums();
  }
  Check(tasks_.empty(), "a task was never called back");
  Check(queue_.empty() && queue_.stats().tasks == 0 && queue_.stats().bytes == 0 &&
            queue_.stats().answer_bytes == 0 && queue_.stats().seconds == 0,
        "something is left in the sums");
}

void Simulation::At(double seconds_from_now, std::function<void()> happens) {
  events_.push({now_ + Duration(seconds_from_now), events_made_++, std::move(happens)});
}

double Simulation::Uniform(double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random_);
}

void Simulation::Call(size_t index) {
  if (now_ > last_call_) return;
  Layer& layer = layers_[index];
  std::unique_ptr<SimulatedTask> task = MakeTask(index);
  const int64_t bytes_before = queue_.stats().bytes;
  const absl::Status taken = queue_.Push(layer.handle, task->entry, 0, now_);
  if (!taken.ok()) {
    ++layer.figures.refused;
    Check(absl::IsDeadlineExceeded(taken) || absl::IsResourceExhausted(taken), "a strange refusal");
    return CallAgain(index);
  }
  Check(bytes_before == 0 || queue_.stats().bytes <= server_.max_bytes, "too many bytes wait");
  Waits(*task);
  if (Chance(layer.load.cancel_share)) {
    At(Uniform(0, 2e-3), [this, id = task->id] { Cancel(id); });
  }
  tasks_.push_back(std::move(task));
  // Somebody has to keep the time of what is delayed.
  if (queue_.wants_worker() || layer.load.options.max_queue_delay.count() > 0) {
    for (Thread& thread : threads_) thread.awake = true;
  }
}

std::unique_ptr<Simulation::SimulatedTask> Simulation::MakeTask(size_t index) {
  const SimulatedLoad& load = layers_[index].load;
  auto task = std::make_unique<SimulatedTask>();
  task->id = events_made_++;
  task->layer = index;
  if (Chance(load.large_share)) {
    task->parts.resize(testing::Between(random_, 2, std::max(2, load.large_parts)));
    for (PartCost& part : task->parts)
      part.seconds = Uniform(load.part_seconds / 2, load.part_seconds);
  } else {
    task->parts.resize(1);
    task->parts[0].seconds = Uniform(load.small_seconds / 2, load.small_seconds * 2);
  }
  Entry& entry = task->entry;
  for (PartCost& part : task->parts) {
    // As if parts overlapped: they read more than the task brings.
    part.bytes = 1 + static_cast<int64_t>(part.seconds * 1e9);
    part.answer_bytes = testing::Between(random_, 1, 1000);
    entry.seconds += part.seconds;
    entry.bytes += (part.bytes + 1) / 2;
    entry.answer_bytes += part.answer_bytes;
  }
  entry.parts = task->parts;
  entry.tenant = load.tenant;
  entry.arrived = now_;
  if (load.by_priority) entry.priority = static_cast<int>(testing::Between(random_, 0, 3));
  if (Chance(load.deadline_share)) {
    entry.deadline = now_ + Duration(Uniform(0, 2 * load.deadline_seconds));
  }
  return task;
}

void Simulation::CallAgain(size_t index) {
  const double think = layers_[index].load.think_seconds;
  At(think > 0 ? Uniform(0, 2 * think) : kCallersRetrySeconds * Uniform(0, 0.1),
     [this, index] { Call(index); });
}

void Simulation::Cancel(uint64_t id) {
  const auto found =
      std::find_if(tasks_.begin(), tasks_.end(), [id](const auto& task) { return task->id == id; });
  if (found == tasks_.end()) return;
  SimulatedTask& task = **found;
  const bool waited = task.waits;
  const bool ran = task.entry.running_parts > 0;
  const bool done = queue_.Withdraw(task.entry, absl::CancelledError("gone"), now_);
  Check(done == (waited && !ran), "a withdrawn task is done if and only if nothing of it runs");
  if (!waited) return;
  task.cancelled = true;
  WaitsNoMore(task);
  if (done) Done(task.entry);
}

void Simulation::Dispatch() {
  for (size_t i = 0; i < threads_.size(); ++i) {
    Thread& thread = threads_[i];
    if (thread.busy) continue;
    if (i < static_cast<size_t>(server_.workers)) {
      if (thread.awake) TakeForWorker(thread);
    } else if (Batch batch = queue_.TakeSmall(now_); batch.layer != nullptr) {
      Check(batch.seconds <= server_.small_seconds, "the thread beside the workers took too much");
      Begin(thread, std::move(batch));
    }
  }
}

void Simulation::TakeForWorker(Thread& thread) {
  Clock::time_point next_due;
  Batch batch = queue_.TakeForWorker(now_, &next_due);
  if (batch.layer != nullptr) return Begin(thread, std::move(batch));
  thread.awake = false;
  for (const Layer& layer : layers_) {
    Check(layer.waiting == 0 || layer.load.options.max_queue_delay.count() > 0,
          "a worker found nothing while something was due");
  }
  if (next_due == Clock::time_point::max()) return;
  At(SecondsOf(next_due - now_), [&thread] { thread.awake = true; });
}

void Simulation::Begin(Thread& thread, Batch batch) {
  const auto layer = std::find_if(layers_.begin(), layers_.end(),
                                  [&](const Layer& one) { return one.handle == batch.layer; });
  MoveUp(layer - layers_.begin());
  CheckDropped(batch);
  for (Entry* entry : batch.dropped) Done(*entry);
  NoteDroppedWhileTheyRun(batch, false);
  thread.seconds = 0;
  if (!batch.parts.empty()) {
    CheckLimits(batch);
    NoteParts(batch);
    NoteDroppedWhileTheyRun(batch, true);
    thread.seconds = batch.seconds * layer->load.error;
    NoteShares(layer - layers_.begin(), thread.seconds);
  }
  thread.busy = true;
  thread.batch = std::move(batch);
  At(thread.seconds, [this, &thread] { End(thread); });
}

void Simulation::End(Thread& thread) {
  thread.busy = false;
  thread.awake = true;
  const Batch batch = std::move(thread.batch);
  std::vector<Entry*> done;
  queue_.Finish(batch, absl::OkStatus(), now_, done);
  queue_.Settle(batch, thread.seconds);
  for (Entry* entry : done) Done(*entry);
}

void Simulation::Done(Entry& entry) {
  SimulatedTask& task = TaskOf(entry);
  Layer& layer = layers_[task.layer];
  if (task.waits) WaitsNoMore(task);
  Check(entry.running_parts == 0, "a task was called back while a part of it ran");
  if (entry.failure.ok()) {
    ++layer.figures.answered;
    layer.figures.latencies.push_back(SecondsOf(now_ - entry.arrived));
    Check(entry.next_part == entry.parts.size() && !task.cancelled, "a part was left out");
  } else {
    ++(task.cancelled ? layer.figures.cancelled : layer.figures.late);
  }
  const size_t index = task.layer;
  tasks_.erase(std::find_if(tasks_.begin(), tasks_.end(),
                            [&](const auto& one) { return one.get() == &task; }));
  CallAgain(index);
}

Simulation::SimulatedTask& Simulation::TaskOf(Entry& entry) {
  const auto found = std::find_if(tasks_.begin(), tasks_.end(),
                                  [&](const auto& task) { return &task->entry == &entry; });
  if (found != tasks_.end()) return **found;
  Check(false, "a task that was called back is handed out again");
  std::abort();
}

void Simulation::Waits(SimulatedTask& task) {
  task.waits = true;
  if (layers_[task.layer].waiting++ == 0) layers_[task.layer].passed_seconds = 0;
  task.left = task.entry.seconds;
  Join(task, task.entry.priority);
}

void Simulation::Join(SimulatedTask& task, int to) {
  task.level = to;
  task.passed = {};
  task.most_beside = 0;
  task.brought = task.left;
  Level& level = LevelOf(task);
  level.waiting.push_back(&task);
  task.taken_before = level.taken_seconds;
  for (SimulatedTask* one : level.waiting) {
    one->most_beside = std::max(one->most_beside, level.waiting.size());
  }
}

void Simulation::WaitsNoMore(SimulatedTask& task) {
  task.waits = false;
  --layers_[task.layer].waiting;
  std::erase(LevelOf(task).waiting, &task);
}

int Simulation::MostUrgent(const Layer& layer) {
  for (int level = 0; level < kPriorityLevels; ++level) {
    for (const SimulatedTask* task : layer.levels[level].waiting) {
      const Entry& entry = task->entry;
      const bool dropped = entry.queue == nullptr && entry.next_part < entry.parts.size();
      if (!dropped) return level;
    }
  }
  return kPriorityLevels;
}

void Simulation::NoteTime(Clock::time_point now) {
  for (Layer& layer : layers_) {
    for (int level = MostUrgent(layer) + 1; level < kPriorityLevels; ++level) {
      for (SimulatedTask* task : layer.levels[level].waiting) task->passed += now - now_;
    }
  }
  now_ = now;
}

void Simulation::MoveUp(size_t index) {
  for (int from = 1; from < kPriorityLevels; ++from) {
    std::vector<SimulatedTask*>& level = layers_[index].levels[from].waiting;
    const std::vector<SimulatedTask*> waiting = level;
    for (SimulatedTask* task : waiting) {
      if (task->passed < LayerQueue::kPatiencePerLevel) continue;
      std::erase(level, task);
      Join(*task, from - 1);
    }
  }
}

void Simulation::CheckDropped(const Batch& batch) {
  for (Entry* entry : batch.dropped) {
    SimulatedTask& task = TaskOf(*entry);
    double left = 0;
    for (size_t i = entry->next_part; i < entry->parts.size(); ++i) left += entry->parts[i].seconds;
    Check(SecondsOf(entry->deadline - now_) <= left + 1e-9, "a task in time was dropped");
    if (task.waits) WaitsNoMore(task);
  }
}

void Simulation::NoteDroppedWhileTheyRun(const Batch& batch, bool of_batch) {
  for (const auto& task : tasks_) {
    const bool in_batch =
        std::any_of(batch.parts.begin(), batch.parts.end(),
                    [&](const Batch::Part& part) { return part.entry == &task->entry; });
    const bool taken = task->entry.next_part == task->parts.size();
    if (task->waits && task->entry.queue == nullptr && !taken && in_batch == of_batch) {
      WaitsNoMore(*task);
    }
  }
}

void Simulation::CheckLimits(const Batch& batch) {
  const BatchingOptions& options = batch.layer->options();
  int64_t bytes = 0;
  double seconds = 0;
  for (const Batch::Part& part : batch.parts) {
    bytes += part.entry->parts[part.index].bytes;
    seconds += part.entry->parts[part.index].seconds;
    Check(part.entry->deadline > now_, "a part was taken after its deadline");
  }
  Check(std::abs(seconds - batch.seconds) < 1e-9, "a batch is not the sum of its parts");
  if (batch.parts.size() == 1) return;
  Check(seconds <= kLongestBatchSeconds + 1e-9 && bytes <= options.max_batch_bytes &&
            static_cast<int64_t>(batch.parts.size()) <= options.max_batch_requests,
        "a batch is too large");
}

void Simulation::NoteParts(const Batch& batch) {
  for (const Batch::Part& part : batch.parts) {
    SimulatedTask& task = TaskOf(*part.entry);
    Level& level = LevelOf(task);
    const double seconds = task.parts[part.index].seconds;
    level.taken_seconds += seconds;
    level.longest_part = std::max(level.longest_part, seconds);
    Check(task.waits && !task.cancelled, "a part was taken of what did not wait");
    Check(task.level <= MostUrgent(layers_[task.layer]), "a less urgent task went first");
    task.passed = {};
    task.left -= seconds;
    if (part.index + 1 < task.parts.size()) continue;
    const double others = level.taken_seconds - task.taken_before - task.brought;
    Check(others <=
              static_cast<double>(task.most_beside) * (task.brought + level.longest_part) + 1e-9,
          "a task was passed by more than its share");
    WaitsNoMore(task);
  }
}

// How many turns of others there are to one of the layer: of its tenant's other layers, and
// of other tenants to each of these and to its own, by their weights.
double Simulation::TurnsBeside(const Layer& layer) const {
  std::map<const Tenant*, int> layers_of;
  for (const Layer& other : layers_) ++layers_of[other.load.tenant];
  const auto weight = [](const Tenant* tenant) { return tenant == nullptr ? 1 : tenant->weight(); };
  double weights = 0;
  for (const auto& [tenant, count] : layers_of) weights += std::max(1.0, weight(tenant));
  const double own = std::min(1.0, weight(layer.load.tenant));
  return layers_of[layer.load.tenant] * (layers_of.size() == 1 ? 1 : weights / own) - 1;
}

void Simulation::NoteShares(size_t index, double seconds) {
  longest_batch_ = std::max(longest_batch_, seconds);
  layers_[index].figures.received += seconds;
  layers_[index].passed_seconds = 0;
  bool exact = true;
  for (const Layer& layer : layers_) exact &= layer.load.error == 1;
  // Until a batch was measured it stands with its estimate.
  const double unknown = exact ? 0 : static_cast<double>(threads_.size()) * longest_batch_;
  const double turn = 3 * ShareClock::kCreditSeconds + 2 * longest_batch_ + unknown;
  for (Layer& layer : layers_) {
    const double most = TurnsBeside(layer) * turn;
    if (&layer == &layers_[index] || layer.waiting == 0) continue;
    if (layer.load.options.max_queue_delay.count() > 0) continue;  // perhaps it is not due
    layer.passed_seconds += seconds;
    Check(layer.passed_seconds <= most + 1e-9, "a layer was passed by more than its share");
  }
}

void Simulation::CheckSums() {
  int64_t waiting = 0, bytes = 0, answer_bytes = 0;
  double seconds = 0;
  for (const auto& task : tasks_) {
    bytes += task->entry.bytes;
    if (!task->waits) continue;
    ++waiting;
    for (size_t i = task->entry.next_part; i < task->parts.size(); ++i) {
      seconds += task->parts[i].seconds;
      answer_bytes += task->parts[i].answer_bytes;
    }
  }
  const QueueStats& stats = queue_.stats();
  Check(stats.tasks == waiting, "the count of waiting tasks is wrong");
  Check(stats.bytes == bytes, "the bytes of waiting and running tasks are wrong");
  Check(stats.answer_bytes == answer_bytes, "the bytes of answers to come are wrong");
  Check(std::abs(stats.seconds - seconds) < 1e-6, "the waiting work is wrong");
}

void Simulation::Check(bool holds, const char* what) {
  if (holds || !failure_.empty()) return;
  failure_ = absl::StrCat(what, ", after ", SecondsOf(now_.time_since_epoch()) - 3600, " s");
}

}  // namespace convoy::batching
