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
  NoteTime(now);
  Join(entry.priority, entry);
  entry.queue = this;
  entry.waiting_seconds = entry.seconds;
  ++tasks_;
  bytes_ += entry.bytes;
  seconds_ += entry.waiting_seconds;
}

void LayerQueue::Remove(Entry& entry, Clock::time_point now) {
  NoteTime(now);
  levels_[entry.level].turns.Remove(entry);
  seconds_ -= entry.waiting_seconds;
  Left(entry);
}

void LayerQueue::NoteTime(Clock::time_point now) {
  const Clock::duration passed = std::max(now - noted_, Clock::duration::zero());
  noted_ += passed;
  bool others_go_first = false;
  for (Level& level : levels_) {
    if (others_go_first) level.passed_over.Pass(passed);
    others_go_first |= !level.turns.empty();
  }
}

void LayerQueue::Join(int level, Entry& entry) {
  entry.level = level;
  levels_[level].turns.Push(entry);
  levels_[level].sizes.Add(entry.seconds);
  levels_[level].passed_over.Add(entry);
}

void LayerQueue::Leave(Entry& entry) {
  levels_[entry.level].sizes.Remove(entry.seconds);
  levels_[entry.level].passed_over.Remove(entry);
}

void LayerQueue::Left(Entry& entry) {
  Leave(entry);
  entry.queue = nullptr;
  --tasks_;
  bytes_ -= entry.bytes;
  // Sums of many different numbers do not come back to zero by themselves.
  if (tasks_ == 0) seconds_ = 0;
}

void LayerQueue::MoveUp() {
  // The more urgent levels first: nobody moves twice at once.
  for (int level = 1; level < kPriorityLevels; ++level) {
    while (Entry* const entry = levels_[level].passed_over.First(kPatiencePerLevel)) {
      levels_[level].turns.Remove(*entry);
      Leave(*entry);
      Join(level - 1, *entry);
    }
  }
}

double LayerQueue::next_part_seconds() const {
  const Entry& next = levels_[NextLevel()].turns.front();
  return next.parts[next.next_part].seconds;
}

size_t LayerQueue::NextLevel() const {
  size_t level = 0;
  while (levels_[level].turns.empty()) ++level;
  return level;
}

void LayerQueue::Take(const Limits& limits, const BatchingOptions& options, Clock::time_point now,
                      Batch& batch) {
  NoteTime(now);
  MoveUp();
  int64_t bytes = 0;
  while (!empty()) {
    Level& level = levels_[NextLevel()];
    Entry& entry = level.turns.front();
    if (IsHopeless(entry, limits.workers, now)) {
      Remove(entry, now);
      batch.dropped.push_back(&entry);
      continue;
    }
    const PartCost& part = entry.parts[entry.next_part];
    const bool fits = batch.seconds + part.seconds <= limits.seconds &&
                      bytes + part.bytes <= options.max_batch_bytes &&
                      static_cast<int64_t>(batch.parts.size()) < options.max_batch_requests;
    if (part.seconds > limits.longest_part || (!batch.parts.empty() && !fits)) break;
    batch.parts.push_back({&entry, entry.next_part});
    batch.seconds += part.seconds;
    bytes += part.bytes;
    level.turns.TakePart();
    level.passed_over.Remove(entry);
    level.passed_over.Add(entry);
    entry.waiting_seconds -= part.seconds;
    seconds_ -= part.seconds;
    if (entry.next_part == entry.parts.size()) Left(entry);
  }
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

double LayerQueue::SecondsBefore(double seconds, int priority, int workers) const {
  double before = levels_[priority].sizes.UpTo(seconds);
  for (int urgent = 0; urgent < priority; ++urgent) {
    const WorkSizes& sizes = levels_[urgent].sizes;
    // What is done until the task counts as one of them, and then its share.
    const std::chrono::duration<double> patience = (priority - urgent) * kPatiencePerLevel;
    before += std::min(sizes.Total(), patience.count() * workers + sizes.UpTo(seconds));
  }
  return before;
}

}  // namespace convoy::batching
