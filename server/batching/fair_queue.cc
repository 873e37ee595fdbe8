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

Backlog FairQueue::BacklogFor(const LayerHandle& layer) const {
  Backlog backlog{.bytes = stats_.bytes,
                  .answer_bytes = stats_.answer_bytes,
                  .seconds = waiting_wall_seconds_,
                  .layers = static_cast<int64_t>(active_.size())};
  const LayerQueue* queue = queues_.Find(layer);
  if (queue == nullptr || queue->empty()) ++backlog.layers;
  if (queue == nullptr) return backlog;
  backlog.layer_seconds = queue->waiting_wall_seconds();
  backlog.layer_slowdown = queue->slowdown.factor();
  return backlog;
}

void FairQueue::Push(const std::shared_ptr<LayerHandle>& layer, absl::Span<Entry* const> entries) {
  LayerQueue& queue = queues_.Get(layer);
  if (queue.empty()) {
    queue.served = std::max(queue.served, served_ - kCreditSeconds);
    active_.push_back({layer, &queue});
  }
  for (Entry* entry : entries) {
    queue.Push(*entry);
    ++entry->whole->queued_parts;
    stats_.bytes += entry->bytes;
    stats_.answer_bytes += entry->answer_bytes;
    stats_.seconds += entry->seconds;
    waiting_wall_seconds_ += entry->wall_seconds;
  }
  stats_.tasks += static_cast<int64_t>(entries.size());
}

FairQueue::Due FairQueue::FindDue(double most_seconds, bool all_due, Clock::time_point now) const {
  Due due;
  for (size_t i = 0; i < active_.size(); ++i) {
    const LayerQueue& queue = *active_[i].queue;
    if (queue.waiting_seconds() > most_seconds) continue;
    const Clock::time_point ready =
        all_due ? Clock::time_point::min()
                : queue.ReadyAt(kLongestBatchSeconds, active_[i].layer->options());
    if (ready > now) {
      due.next = std::min(due.next, ready);
    } else if (due.layer == kNone || queue.served < active_[due.layer].queue->served) {
      due.layer = i;
    }
  }
  return due;
}

Batch FairQueue::Take(size_t layer, double seconds, Clock::time_point now) {
  Batch batch{.layer = active_[layer].layer};
  LayerQueue& queue = *active_[layer].queue;
  queue.Take(seconds, batch.layer->options(), now, batch);
  served_ = queue.served;
  queue.served += batch.seconds;
  for (const Entry* entry : batch.entries) Left(*entry);
  std::vector<Entry*> others;
  for (const Entry* entry : batch.hopeless) {
    Left(*entry);
    WithdrawTo(*entry->whole, others);  // nobody waits for the other parts
  }
  ReleaseBytes(batch.hopeless);
  batch.hopeless.insert(batch.hopeless.end(), others.begin(), others.end());
  if (queue.empty()) Retire(queue);
  return batch;
}

std::vector<Entry*> FairQueue::Withdraw(const Entry& whole) {
  std::vector<Entry*> withdrawn;
  WithdrawTo(whole, withdrawn);
  return withdrawn;
}

void FairQueue::WithdrawTo(const Entry& whole, std::vector<Entry*>& withdrawn) {
  if (whole.queued_parts == 0) return;  // otherwise its SplitTask is alive
  const std::vector<Entry*> entries =
      whole.split == nullptr ? std::vector<Entry*>{whole.whole} : whole.split->parts();
  for (Entry* entry : entries) {
    LayerQueue* const queue = entry->queue;
    if (queue == nullptr) continue;
    queue->Remove(*entry);
    Left(*entry);
    stats_.bytes -= entry->bytes;
    withdrawn.push_back(entry);
    if (queue->empty()) Retire(*queue);
  }
}

void FairQueue::ReleaseBytes(absl::Span<Entry* const> entries) {
  for (const Entry* entry : entries) stats_.bytes -= entry->bytes;
}

void FairQueue::Record(const Batch& batch, double measured) {
  queues_.Get(batch.layer).slowdown.Record(batch.seconds, measured);
}

void FairQueue::Left(const Entry& entry) {
  --entry.whole->queued_parts;
  --stats_.tasks;
  stats_.answer_bytes -= entry.answer_bytes;
  stats_.seconds -= entry.seconds;
  waiting_wall_seconds_ -= entry.wall_seconds;
}

void FairQueue::Retire(const LayerQueue& queue) {
  const auto layer = std::find_if(active_.begin(), active_.end(),
                                  [&](const Active& one) { return one.queue == &queue; });
  if (layer == active_.end()) return;
  std::swap(*layer, active_.back());
  active_.pop_back();
  if (!active_.empty()) return;
  // Sums of many different numbers do not come back to zero by themselves.
  stats_.seconds = 0;
  waiting_wall_seconds_ = 0;
}

}  // namespace convoy::batching
