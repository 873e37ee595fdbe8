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
  levels_[task->priority].push_back(task);
  ++count_;
  waiting_bytes_ += task->payload_bytes_;
  waiting_seconds_ += task->seconds_;
}

std::deque<Task*>& LayerQueue::NextLevel() {
  std::deque<Task*>* next = nullptr;
  Clock::time_point earliest = Clock::time_point::max();
  for (int level = 0; level < kPriorityLevels; ++level) {
    std::deque<Task*>& tasks = levels_[level];
    if (tasks.empty()) continue;
    const Clock::time_point turn = tasks.front()->arrived_ + level * kLevelAdvantage;
    if (turn < earliest) {
      earliest = turn;
      next = &tasks;
    }
  }
  return *next;
}

double LayerQueue::Take(double seconds, std::vector<Task*>& batch) {
  double taken = 0;
  int64_t bytes = 0;
  while (count_ > 0) {
    std::deque<Task*>& level = NextLevel();
    Task* const task = level.front();
    const bool fits = taken + task->seconds_ <= seconds &&
                      bytes + task->payload_bytes_ <= options_.max_batch_bytes &&
                      static_cast<int64_t>(batch.size()) < options_.max_batch_requests;
    if (!batch.empty() && !fits) break;
    level.pop_front();
    --count_;
    batch.push_back(task);
    taken += task->seconds_;
    bytes += task->payload_bytes_;
  }
  waiting_bytes_ -= bytes;
  waiting_seconds_ = count_ == 0 ? 0 : waiting_seconds_ - taken;
  return taken;
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
  for (const std::deque<Task*>& level : levels_) {
    for (const Task* task : level) {
      ready = std::min(ready, task->arrived_ + options_.max_queue_delay);
      ready = std::min(ready, task->deadline - needed);
    }
  }
  return ready;
}

}  // namespace convoy::batching
