#include "server/batching/layer_queue.h"

#include <algorithm>

namespace convoy::batching {
namespace {

// Estimates are those of an idle machine: a batch with a deadline starts so much
// before it must, beside its own time.
constexpr std::chrono::milliseconds kDeadlineMargin{5};

bool IsHopeless(const Entry& entry, int workers, Clock::time_point now) {
  if (entry.deadline == Clock::time_point::max()) return false;
  const auto sharers = std::min(entry.parts.size() - entry.next_part, static_cast<size_t>(workers));
  const double left = std::chrono::duration<double>(entry.deadline - now).count();
  return left <= entry.waiting_seconds / static_cast<double>(sharers);
}

}  // namespace

void LayerQueue::Push(Entry& entry, Clock::time_point now) {
  Level& level = levels_[entry.priority];
  if (level.turns.empty()) level.passed_since = now;
  level.turns.Push(entry);
  level.sizes.Add(entry.seconds);
  entry.queue = this;
  entry.waiting_seconds = entry.seconds;
  ++tasks_;
  bytes_ += entry.bytes;
  seconds_ += entry.waiting_seconds;
}

void LayerQueue::Remove(Entry& entry) {
  levels_[entry.priority].turns.Remove(entry);
  seconds_ -= entry.waiting_seconds;
  Left(entry);
}

void LayerQueue::Left(Entry& entry) {
  levels_[entry.priority].sizes.Remove(entry.seconds);
  entry.queue = nullptr;
  --tasks_;
  bytes_ -= entry.bytes;
  // Sums of many different numbers do not come back to zero by themselves.
  if (tasks_ == 0) seconds_ = 0;
}

LayerQueue::Level& LayerQueue::NextLevel(Clock::time_point now) {
  Level* next = nullptr;
  Clock::time_point turn = Clock::time_point::max();  // of the level that was passed longest
  int most_urgent = kPriorityLevels;
  for (int i = 0; i < kPriorityLevels; ++i) {
    Level& level = levels_[i];
    if (level.turns.empty()) continue;
    if (next == nullptr) {
      most_urgent = i;
      next = &level;
      continue;
    }
    const Clock::time_point patience = level.passed_since + (i - most_urgent) * kPatiencePerLevel;
    if (patience > now || patience >= turn) continue;
    turn = patience;
    next = &level;
  }
  return *next;
}

void LayerQueue::Take(double seconds, int workers, const BatchingOptions& options,
                      Clock::time_point now, Batch& batch) {
  int64_t bytes = 0;
  while (!empty()) {
    Level& level = NextLevel(now);
    Entry& entry = level.turns.front();
    if (IsHopeless(entry, workers, now)) {
      Remove(entry);
      batch.dropped.push_back(&entry);
      continue;
    }
    const PartCost& part = entry.parts[entry.next_part];
    const bool fits = batch.seconds + part.seconds <= seconds &&
                      bytes + part.bytes <= options.max_batch_bytes &&
                      static_cast<int64_t>(batch.parts.size()) < options.max_batch_requests;
    if (!batch.parts.empty() && !fits) break;
    batch.parts.push_back({&entry, entry.next_part});
    batch.seconds += part.seconds;
    bytes += part.bytes;
    level.turns.TakePart();
    entry.waiting_seconds -= part.seconds;
    seconds_ -= part.seconds;
    if (entry.next_part == entry.parts.size()) Left(entry);
  }
  for (const Batch::Part& part : batch.parts) levels_[part.entry->priority].passed_since = now;
}

Clock::time_point LayerQueue::ReadyAt(double full_seconds, const BatchingOptions& options) const {
  if (options.max_queue_delay.count() == 0 || seconds_ >= full_seconds ||
      tasks_ >= options.max_batch_requests || bytes_ >= options.max_batch_bytes) {
    return Clock::time_point::min();
  }
  const auto needed =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds_)) +
      kDeadlineMargin;
  Clock::time_point ready = Clock::time_point::max();
  for (const Level& level : levels_) {
    for (const Entry* entry : level.turns.entries()) {
      ready = std::min(ready, entry->arrived + options.max_queue_delay);
      ready = std::min(ready, entry->deadline - needed);
    }
  }
  return ready;
}

double LayerQueue::SecondsBefore(double seconds, int priority) const {
  double before = levels_[priority].sizes.UpTo(seconds);
  for (int urgent = 0; urgent < priority; ++urgent) before += levels_[urgent].sizes.Total();
  return before;
}

}  // namespace convoy::batching
