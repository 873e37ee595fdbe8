#include "server/batching/layer_queue.h"

#include <algorithm>
#include <chrono>

namespace convoy::batching {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLevelAdvantage{100};

// Estimates are those of an idle machine: a batch with a deadline starts so much
// before it must, beside its own time.
constexpr milliseconds kDeadlineMargin{5};

bool IsHopeless(const Entry& entry, Clock::time_point now) {
  if (entry.deadline == Clock::time_point::max()) return false;
  return std::chrono::duration<double>(entry.deadline - now).count() <= entry.seconds;
}

}  // namespace

void LayerQueue::Push(Entry& entry) {
  levels_[entry.priority].PushBack(entry);
  entry.queue = this;
  entry.wall_seconds = entry.seconds * slowdown.factor();
  ++count_;
  waiting_bytes_ += entry.bytes;
  waiting_seconds_ += entry.seconds;
  waiting_wall_seconds_ += entry.wall_seconds;
}

void LayerQueue::Remove(Entry& entry) {
  levels_[entry.priority].Remove(entry);
  entry.queue = nullptr;
  --count_;
  waiting_bytes_ -= entry.bytes;
  // Sums of many different numbers do not come back to zero by themselves.
  waiting_seconds_ = count_ == 0 ? 0 : waiting_seconds_ - entry.seconds;
  waiting_wall_seconds_ = count_ == 0 ? 0 : waiting_wall_seconds_ - entry.wall_seconds;
}

EntryList& LayerQueue::NextLevel() {
  EntryList* next = nullptr;
  Clock::time_point earliest = Clock::time_point::max();
  for (int level = 0; level < kPriorityLevels; ++level) {
    EntryList& entries = levels_[level];
    if (entries.empty()) continue;
    const Clock::time_point turn = entries.front()->arrived + level * kLevelAdvantage;
    if (turn < earliest) {
      earliest = turn;
      next = &entries;
    }
  }
  return *next;
}

void LayerQueue::Take(double seconds, const BatchingOptions& options, Clock::time_point now,
                      Batch& batch) {
  int64_t bytes = 0;
  while (count_ > 0) {
    Entry* const entry = NextLevel().front();
    if (IsHopeless(*entry, now)) {
      Remove(*entry);
      batch.hopeless.push_back(entry);
      continue;
    }
    const bool fits = batch.seconds + entry->seconds <= seconds &&
                      bytes + entry->bytes <= options.max_batch_bytes &&
                      static_cast<int64_t>(batch.entries.size()) < options.max_batch_requests;
    if (!batch.entries.empty() && !fits) break;
    Remove(*entry);
    batch.entries.push_back(entry);
    batch.seconds += entry->seconds;
    bytes += entry->bytes;
  }
}

Clock::time_point LayerQueue::ReadyAt(double full_seconds, const BatchingOptions& options) const {
  if (options.max_queue_delay.count() == 0 || waiting_seconds_ >= full_seconds ||
      count_ >= options.max_batch_requests || waiting_bytes_ >= options.max_batch_bytes) {
    return Clock::time_point::min();
  }
  const auto needed =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(waiting_seconds_)) +
      kDeadlineMargin;
  Clock::time_point ready = Clock::time_point::max();
  for (const EntryList& level : levels_) {
    for (const Entry* entry = level.front(); entry != nullptr; entry = entry->next) {
      ready = std::min(ready, entry->arrived + options.max_queue_delay);
      ready = std::min(ready, entry->deadline - needed);
    }
  }
  return ready;
}

}  // namespace convoy::batching
