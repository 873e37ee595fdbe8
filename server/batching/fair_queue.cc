#include "server/batching/fair_queue.h"

#include <algorithm>
#include <utility>

#include "server/batching/split_task.h"

namespace convoy::batching {
namespace {

// What a layer may catch up after it was idle, in estimated seconds. One whose few
// callers wait for their answers is idle between them and would lose its turn each
// time; more would hold up the others.
constexpr double kCreditSeconds = 2 * kLongestBatchSeconds;

}  // namespace

Backlog FairQueue::BacklogFor(const LayerQueue& queue) const {
  const auto layers = static_cast<int64_t>(active_.size()) + (queue.empty() ? 1 : 0);
  return {.bytes = stats_.bytes,
          .answer_bytes = stats_.answer_bytes,
          .seconds = waiting_wall_seconds_,
          .layer_seconds = queue.waiting_wall_seconds_,
          .layers = layers};
}

void FairQueue::Push(const std::shared_ptr<LayerQueue>& queue, absl::Span<Task* const> tasks) {
  if (queue->empty()) {
    queue->served_ = std::max(queue->served_, served_ - kCreditSeconds);
    active_.push_back(queue);
  }
  for (Task* task : tasks) {
    queue->Push(task);
    ++task->whole_->queued_parts_;
    stats_.bytes += task->payload_bytes_;
    stats_.answer_bytes += task->answer_bytes_;
    stats_.seconds += task->seconds_;
    waiting_wall_seconds_ += task->wall_seconds_;
  }
  stats_.tasks += static_cast<int64_t>(tasks.size());
}

FairQueue::Due FairQueue::FindDue(double most_seconds, bool all_due, Clock::time_point now) const {
  Due due;
  for (size_t i = 0; i < active_.size(); ++i) {
    const LayerQueue& queue = *active_[i];
    if (queue.waiting_seconds_ > most_seconds) continue;
    const Clock::time_point ready =
        all_due ? Clock::time_point::min() : queue.ReadyAt(kLongestBatchSeconds);
    if (ready > now) {
      due.next = std::min(due.next, ready);
    } else if (due.layer == kNone || queue.served_ < active_[due.layer]->served_) {
      due.layer = i;
    }
  }
  return due;
}

Batch FairQueue::Take(size_t layer, double seconds, Clock::time_point now) {
  Batch batch{active_[layer], active_[layer]->Take(seconds, now)};
  LayerQueue& queue = *batch.queue;
  served_ = queue.served_;
  queue.served_ += batch.taken.seconds;
  for (const Task* task : batch.taken.tasks) Left(*task);
  std::vector<Task*> others;
  for (const Task* task : batch.taken.hopeless) {
    Left(*task);
    WithdrawTo(queue, *task->whole_, others);  // nobody waits for the other parts
  }
  ReleaseBytes(batch.taken.hopeless);
  batch.taken.hopeless.insert(batch.taken.hopeless.end(), others.begin(), others.end());
  if (queue.empty()) Retire(queue);
  return batch;
}

std::vector<Task*> FairQueue::Withdraw(LayerQueue& queue, const Task& whole) {
  std::vector<Task*> withdrawn;
  WithdrawTo(queue, whole, withdrawn);
  if (!withdrawn.empty() && queue.empty()) Retire(queue);
  return withdrawn;
}

void FairQueue::WithdrawTo(LayerQueue& queue, const Task& whole, std::vector<Task*>& withdrawn) {
  if (whole.queued_parts_ == 0) return;  // otherwise its SplitTask is alive
  const std::vector<Task*> tasks =
      whole.split_ == nullptr ? std::vector<Task*>{whole.whole_} : whole.split_->parts();
  for (Task* task : tasks) {
    if (!task->queued_) continue;
    queue.Remove(task);
    Left(*task);
    stats_.bytes -= task->payload_bytes_;
    withdrawn.push_back(task);
  }
}

void FairQueue::ReleaseBytes(absl::Span<Task* const> tasks) {
  for (const Task* task : tasks) stats_.bytes -= task->payload_bytes_;
}

void FairQueue::Left(const Task& task) {
  --task.whole_->queued_parts_;
  --stats_.tasks;
  stats_.answer_bytes -= task.answer_bytes_;
  stats_.seconds -= task.seconds_;
  waiting_wall_seconds_ -= task.wall_seconds_;
}

void FairQueue::Retire(const LayerQueue& queue) {
  const auto layer = std::find_if(active_.begin(), active_.end(),
                                  [&](const auto& one) { return one.get() == &queue; });
  std::swap(*layer, active_.back());
  active_.pop_back();
  if (!active_.empty()) return;
  // Sums of many different numbers do not come back to zero by themselves.
  stats_.seconds = 0;
  waiting_wall_seconds_ = 0;
}

}  // namespace convoy::batching
