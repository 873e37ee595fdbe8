// The waiting tasks of one layer.
#ifndef CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
#define CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_

#include <array>
#include <cstdint>

#include "server/batching/batch.h"
#include "server/batching/entry.h"
#include "server/batching/entry_list.h"
#include "server/batching/layer_handle.h"
#include "server/batching/slowdown.h"

namespace convoy::batching {

// Tasks are taken in the order of their arrival, but a level of priority counts
// like having come 100 ms earlier: urgent tasks overtake, and no task waits
// behind later ones for longer than that per level.
//
// Not thread-safe: the scheduler's, under its mutex. Time is an argument.
class LayerQueue {
 public:
  bool empty() const { return count_ == 0; }
  // Estimated execution time of what waits, and the same as slow as the layer has been.
  double waiting_seconds() const { return waiting_seconds_; }
  double waiting_wall_seconds() const { return waiting_wall_seconds_; }
  int64_t waiting_bytes() const { return waiting_bytes_; }

  void Push(Entry& entry);
  // REQUIRES: `entry` waits here.
  void Remove(Entry& entry);

  // Moves the first tasks to `batch`, at least one if there is any, while its
  // estimated time stays within `seconds` and it within the layer's limits. Those
  // on the way that would be late even if they began `now` go with it as hopeless
  // and count as nothing.
  void Take(double seconds, const BatchingOptions& options, Clock::time_point now, Batch& batch);

  // When a batch of what waits may start; `full_seconds` of work are a full batch.
  // REQUIRES: !empty().
  Clock::time_point ReadyAt(double full_seconds, const BatchingOptions& options) const;

  // How long the layer's batches take beside their estimates.
  Slowdown slowdown;
  // Work done for this layer, in seconds, on the clock of the shares (FairQueue).
  double served = 0;

 private:
  // The level whose first task is next. REQUIRES: !empty().
  EntryList& NextLevel();

  std::array<EntryList, kPriorityLevels> levels_;  // each by arrival
  int64_t count_ = 0;
  int64_t waiting_bytes_ = 0;
  double waiting_seconds_ = 0;
  double waiting_wall_seconds_ = 0;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_LAYER_QUEUE_H_
