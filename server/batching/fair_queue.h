// Everything that waits, over all layers.
#ifndef CONVOY_SERVER_BATCHING_FAIR_QUEUE_H_
#define CONVOY_SERVER_BATCHING_FAIR_QUEUE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "server/batching/admission.h"
#include "server/batching/batch.h"
#include "server/batching/entry.h"
#include "server/batching/layer_handle.h"
#include "server/batching/layer_queue.h"
#include "server/batching/per_layer.h"

namespace convoy::batching {

// What waits now.
struct QueueStats {
  int64_t tasks = 0;         // waiting, not yet running
  int64_t bytes = 0;         // payload bytes of waiting and running tasks
  int64_t answer_bytes = 0;  // of the answers that the waiting ones will have
  double seconds = 0;        // estimated execution time of the waiting ones
};

// Layers take turns by the work done for them: the one served least comes first.
// A layer that was idle begins at most two batches below the others' level, so it
// is next but has saved up little.
//
// Not thread-safe: the scheduler's, under its mutex. Time is an argument.
class FairQueue {
 public:
  // Index of a layer of which tasks wait; valid until the next change.
  static constexpr size_t kNone = SIZE_MAX;

  struct Due {
    size_t layer = kNone;
    // When another layer's batch is due.
    Clock::time_point next = Clock::time_point::max();
  };

  bool empty() const { return active_.empty(); }
  const QueueStats& stats() const { return stats_; }
  // What a further task of this layer would find.
  Backlog BacklogFor(const LayerHandle& layer) const;

  // A task, or all parts of one.
  void Push(const std::shared_ptr<LayerHandle>& layer, absl::Span<Entry* const> entries);

  // Of the layers whose batch is due, or of all if `all_due`, and of which at most
  // `most_seconds` wait, the one whose turn it is; kNone if there is none.
  Due FindDue(double most_seconds, bool all_due, Clock::time_point now) const;

  // Estimated work that waits of the layer.
  double SecondsOf(size_t layer) const { return active_[layer].queue->waiting_seconds(); }

  // A batch of at most `seconds`; with those that are bound to be late goes what
  // waits of the same tasks.
  Batch Take(size_t layer, double seconds, Clock::time_point now);

  // Takes what waits of `whole` out, for good: nothing if it was taken.
  std::vector<Entry*> Withdraw(const Entry& whole);

  // The tasks of a batch hold their bytes until they have been computed.
  void ReleaseBytes(absl::Span<Entry* const> entries);

  // A batch was answered after so many seconds.
  void Record(const Batch& batch, double measured);

 private:
  // A layer with waiting tasks.
  struct Active {
    std::shared_ptr<LayerHandle> layer;
    LayerQueue* queue;
  };

  // Accounts for a task that has left its queue.
  void Left(const Entry& entry);
  void WithdrawTo(const Entry& whole, std::vector<Entry*>& withdrawn);
  // Forgets a layer of which nothing waits any more.
  void Retire(const LayerQueue& queue);

  PerLayer<LayerQueue> queues_;
  std::vector<Active> active_;  // in no order
  QueueStats stats_;
  double waiting_wall_seconds_ = 0;  // stats_.seconds by the layers' slowdowns
  // The fair-share clock: the least `served` of the layers last chosen.
  double served_ = 0;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_FAIR_QUEUE_H_
