#include "server/batching/layer_queue.h"

#include <algorithm>

namespace convoy::batching {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLevelAdvantage{100};

// Estimates are those of an idle machine: a batch with a deadline starts so much
// before it must, beside its own time.
constexpr milliseconds kDeadlineMargin{5};

}  // namespace

void LayerQueue::Push(Task* task) {
  levels_[task->priority].PushBack(*task);
  task->queued_ = true;
  task->wall_seconds_ = task->seconds_ * slowdown_.factor();
  ++count_;
  waiting_bytes_ += task->payload_bytes_;
  waiting_seconds_ += task->seconds_;
  waiting_wall_seconds_ += task->wall_seconds_;
}

void LayerQueue::Remove(Task* task) {
  levels_[task->priority].Remove(*task);
  task->queued_ = false;
  --count_;
  waiting_bytes_ -= task->payload_bytes_;
  // Sums of many different numbers do not come back to zero by themselves.
  waiting_seconds_ = count_ == 0 ? 0 : waiting_seconds_ - task->seconds_;
  waiting_wall_seconds_ = count_ == 0 ? 0 : waiting_wall_seconds_ - task->wall_seconds_;
}

TaskList& LayerQueue::NextLevel() {
  TaskList* next = nullptr;
  Clock::time_point earliest = Clock::time_point::max();
  for (int level = 0; level < kPriorityLevels; ++level) {
    TaskList& tasks = levels_[level];
    if (tasks.empty()) continue;
    const Clock::time_point turn = tasks.front()->arrived_ + level * kLevelAdvantage;
    if (turn < earliest) {
      earliest = turn;
      next = &tasks;
    }
  }
  return *next;
}

LayerQueue::Taken LayerQueue::Take(double seconds, Clock::time_point now) {
  Taken taken;
  int64_t bytes = 0;
  while (count_ > 0) {
    Task* const task = NextLevel().front();
    if (IsHopeless(*task, now)) {
      Remove(task);
      taken.hopeless.push_back(task);
      continue;
    }
    const bool fits = taken.seconds + task->seconds_ <= seconds &&
                      bytes + task->payload_bytes_ <= options_.max_batch_bytes &&
                      static_cast<int64_t>(taken.tasks.size()) < options_.max_batch_requests;
    if (!taken.tasks.empty() && !fits) break;
    Remove(task);
    taken.tasks.push_back(task);
    taken.seconds += task->seconds_;
    bytes += task->payload_bytes_;
  }
  return taken;
}

bool LayerQueue::IsHopeless(const Task& task, Clock::time_point now) {
  if (task.deadline == Clock::time_point::max()) return false;
  return std::chrono::duration<double>(task.deadline - now).count() <= task.seconds_;
}

Clock::time_point LayerQueue::ReadyAt(double full_seconds) const {
  if (options_.max_queue_delay.count() == 0 || waiting_seconds_ >= full_seconds ||
      count_ >= options_.max_batch_requests || waiting_bytes_ >= options_.max_batch_bytes) {
    return Clock::time_point::min();
  }
  const auto needed =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(waiting_seconds_)) +
      kDeadlineMargin;
  Clock::time_point ready = Clock::time_point::max();
  for (const TaskList& level : levels_) {
    for (const Task* task = level.front(); task != nullptr; task = TaskList::After(*task)) {
      ready = std::min(ready, task->arrived_ + options_.max_queue_delay);
      ready = std::min(ready, task->deadline - needed);
    }
  }
  return ready;
}

}  // namespace convoy::batching
