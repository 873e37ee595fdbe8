// Everything that waits, over all layers.
#ifndef CONVOY_SERVER_BATCHING_FAIR_QUEUE_H_
#define CONVOY_SERVER_BATCHING_FAIR_QUEUE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/batching/admission.h"
#include "server/batching/batch.h"
#include "server/batching/batch_report.h"
#include "server/batching/entry.h"
#include "server/batching/layer_handle.h"
#include "server/batching/layer_queue.h"
#include "server/batching/per_layer.h"
#include "server/batching/run_memory.h"
#include "server/batching/share_clock.h"
#include "server/batching/tenant.h"

namespace convoy::batching {

// What waits and runs now.
struct QueueStats {
  int64_t tasks = 0;         // of which a part waits
  int64_t bytes = 0;         // payload bytes of tasks that wait or run
  int64_t answer_bytes = 0;  // that the waiting parts will write
  double seconds = 0;        // estimated execution time of the waiting parts
};

// Decides which parts of which tasks are computed next, by whom, and which tasks are
// not taken at all. Tenants share the workers by the work that they receive and their
// weights (ShareClock), and a tenant's layers by the work that they receive, whoever does
// it: workers, or the threads that submit. Within a layer see LayerQueue. A batch has
// tasks of one tenant.
//
// Work is time: it is charged as estimated when it is taken, and corrected when it
// was done. So a layer whose estimates are wrong does not get another share.
//
// An entry that Push took is handed back once: by the batch or the Finish that tells
// that it is done, or by Withdraw.
//
// Not thread-safe: the scheduler's, under its mutex. It has no threads and looks at
// no clock; time is an argument that never goes back.
class FairQueue {
 public:
  struct Options {
    AdmissionLimits limits;
    // The most that a submitter's thread takes at once, and more that waits is to
    // have a worker.
    double small_seconds = 0;
  };

  explicit FairQueue(const Options& options)
      : options_(options), run_memory_(options.limits.workers) {}

  bool empty() const { return active_.empty(); }
  const QueueStats& stats() const { return stats_; }
  // Of each layer of which something waits.
  std::vector<std::pair<std::shared_ptr<LayerHandle>, LayerBacklog>> Backlogs() const;
  // Whether more waits than a submitter's thread takes at once.
  bool wants_worker() const { return stats_.seconds > options_.small_seconds; }

  // Takes the entry iff OK. `unread_bytes` are those of answers that exist.
  absl::Status Push(const std::shared_ptr<LayerHandle>& layer, Entry& entry, int64_t unread_bytes,
                    Clock::time_point now);

  // The next batch for a worker: of the layer that is next, a worker's fair share of
  // what waits of it. If there is none, `next_due` says when there will be one that
  // is delayed now.
  Batch TakeForWorker(Clock::time_point now, Clock::time_point* next_due);
  // The next batch for a submitter's thread: of a layer whose next part is small,
  // while it is at most ShareClock::kCreditSeconds ahead of the layer that is next.
  Batch TakeSmall(Clock::time_point now);

  // A batch was executed. Appends the tasks that are done to `done`: to be called
  // back with their `failure`, if there is one, or their answer.
  void Finish(const Batch& batch, const absl::Status& status, Clock::time_point now,
              std::vector<Entry*>& done);
  // It took so long, call-backs included.
  void Settle(const Batch& batch, double seconds);

  // Drops what waits of the task: nothing if all of it was taken. Returns whether it
  // is done with that, to be called back with its failure; otherwise the end of its
  // running parts tells.
  bool Withdraw(Entry& entry, const absl::Status& why, Clock::time_point now);

  // For tasks that come from now on.
  // REQUIRES: the workers are as many as before.
  void SetLimits(const AdmissionLimits& limits) { options_.limits = limits; }
  const AdmissionLimits& limits() const { return options_.limits; }

  // From now on no batch waits for company.
  void EndDelays() { delays_ = false; }

 private:
  // What a tenant has received, in seconds of work by its weight.
  struct TenantShare {
    double weight = 1;
    Share share;
    ShareClock clock;  // of its layers
    int active = 0;    // layers with waiting tasks
  };
  // A tenant's tasks for one layer.
  struct Active {
    std::shared_ptr<LayerHandle> layer;
    LayerQueue* queue;
    TenantShare* tenant;
  };
  // A layer's queues, by tenant; they stay where they are.
  using Queues = std::map<const Tenant*, LayerQueue>;
  static constexpr size_t kNone = SIZE_MAX;
  // Among the layers whose batch is due, indices into active_.
  struct Due {
    size_t next = kNone;        // the one that is next
    size_t next_small = kNone;  // of those whose next part is small
    Clock::time_point later = Clock::time_point::max();
  };

  LayerQueue& QueueOf(const std::shared_ptr<LayerHandle>& layer, const Tenant* tenant) {
    return queues_.Get(layer)[tenant];
  }
  // With the weight that the tenant has now.
  TenantShare& ShareOf(const Tenant* tenant);
  // Whether the one is served before the other: by tenants, then by layers.
  static bool IsBefore(const Active& one, const Active& other);
  // Whether a layer whose next part is small has received so much more than the one that is
  // next that the thread that submits leaves it.
  static bool IsFarAhead(const Active& small, const Active& next);

  Due FindDue(Clock::time_point now);
  Batch Take(size_t layer, LayerQueue::Limits limits, Clock::time_point now);
  // What a further task would find.
  Backlog BacklogFor(const LayerQueue& queue, const TenantShare& tenant, const Entry& entry,
                     int64_t unread_bytes) const;
  // What other tenants receive until this one has received so many seconds more.
  double SecondsOfOthers(const TenantShare& tenant, double seconds) const;
  // Accounts for a task that is not computed (any further) and left its queue.
  // Returns whether it is done.
  bool Drop(Entry& entry, const absl::Status& why);
  // No part of the task waits or runs any more.
  void Leave(const Entry& entry);
  // Forgets a layer of which nothing waits any more.
  void Retire(const LayerQueue& queue);

  Options options_;
  PerLayer<Queues> queues_;
  std::map<const Tenant*, TenantShare> shares_;  // they stay where they are
  std::vector<Active> active_;                   // in no order
  QueueStats stats_;
  RunMemory run_memory_;
  ShareClock clock_;  // of the tenants
  bool delays_ = true;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_FAIR_QUEUE_H_
