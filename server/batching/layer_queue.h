// The waiting tasks of one layer.
#ifndef CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
#define CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "server/batching/batch.h"
#include "server/batching/entry.h"
#include "server/batching/layer_handle.h"
#include "server/batching/passed_over.h"
#include "server/batching/share_clock.h"
#include "server/batching/slowdown.h"
#include "server/batching/turn_order.h"
#include "server/batching/work_sizes.h"

namespace convoy::batching {

// The tasks of a level of priority share alike (TurnOrder), and those of a more
// urgent one go first. So that none starves, a task that was passed over for 100 ms,
// while more urgent ones waited and nothing of it was taken, counts as one of the
// next more urgent level from then on.
//
// Not thread-safe: the scheduler's, under its mutex. Time is an argument.
class LayerQueue {
 public:
  static constexpr std::chrono::milliseconds kPatiencePerLevel{100};

  bool empty() const { return tasks_ == 0; }
  // Tasks of which a part waits, and what those parts take.
  int64_t waiting_tasks() const { return tasks_; }
  double waiting_seconds() const { return seconds_; }
  // Of their payloads, parts that were taken included.
  int64_t waiting_bytes() const { return bytes_; }
  // Of these, what the part takes that is next as things are. REQUIRES: !empty().
  double next_part_seconds() const;

  void Push(Entry& entry, Clock::time_point now);
  // REQUIRES: `entry` waits here.
  void Remove(Entry& entry, Clock::time_point now);

  // What a batch may take.
  struct Limits {
    double seconds = 0;  // of several parts; a single one may take longer
    double longest_part = std::numeric_limits<double>::infinity();  // seconds
    int workers = 1;  // who could finish a task together
  };

  // Moves the next parts to `batch`, at least one unless the next one is too long,
  // while it stays within `limits` and the layer's. Tasks that could not be finished
  // in time, even by all workers from now on, leave with it as dropped and count as
  // nothing.
  void Take(const Limits& limits, const BatchingOptions& options, Clock::time_point now,
            Batch& batch);

  // When a batch of what waits may start; `full_seconds` of work are a full batch.
  // REQUIRES: !empty().
  Clock::time_point ReadyAt(double full_seconds, const BatchingOptions& options) const;

  // Seconds of work that those who wait receive until a further task of so many
  // seconds is done, this one not included.
  double SecondsBefore(double seconds, int priority, int workers) const;

  // How long the layer's batches take beside their estimates.
  Slowdown slowdown;
  // What it has received of the work for all layers.
  Share share;

 private:
  struct Level {
    TurnOrder turns;
    WorkSizes sizes;  // of whole tasks
    PassedOver passed_over;
  };

  // Adds the time until now to that for which levels were passed over.
  void NoteTime(Clock::time_point now);
  void Join(int level, Entry& entry);
  // Takes `entry` out of what its level knows beside its turns.
  void Leave(Entry& entry);
  // Accounts for an entry of which no part waits any more.
  void Left(Entry& entry);
  // Moves those that were passed over for long to the next level.
  void MoveUp();
  // The level that is next. REQUIRES: !empty().
  size_t NextLevel() const;

  std::array<Level, kPriorityLevels> levels_;
  Clock::time_point noted_;  // the time until which NoteTime has
  int64_t tasks_ = 0;
  int64_t bytes_ = 0;
  double seconds_ = 0;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
