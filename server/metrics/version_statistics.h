// What is counted for one version of a layer.
#ifndef CONVOY_SERVER_METRICS_VERSION_STATISTICS_H_
#define CONVOY_SERVER_METRICS_VERSION_STATISTICS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/btree_map.h"
#include "kernel/base/mutex.h"
#include "server/metrics/layer_metrics.h"
#include "server/metrics/sharded_counters.h"

namespace convoy::metrics {

// Batches that ended requests of together so many sequences.
struct BatchesOfSize {
  uint64_t batches = 0;
  // In which those requests were computed, earlier parts of them included.
  uint64_t nanoseconds = 0;
};

// Since the version was loaded.
struct VersionTotals {
  uint64_t answered = 0;
  uint64_t sequences = 0;  // of those
  // Of those, together all of their time.
  Stages stages;
  // When the last of them was; nothing of a clock's zero if there was none.
  std::chrono::steady_clock::time_point last_answered;
  uint64_t failed = 0;
  std::chrono::nanoseconds failed_time{0};
  // By the number of sequences; 0 are those of further numbers when there are too many.
  absl::btree_map<int64_t, BatchesOfSize> batches;
};

// Counts, and tells the layer's instruments too. A request that was computed in parts
// is one of the batch that computed its last.
//
// Thread-safe. A request pays a few uncontended atomic additions, a batch a lock that
// nobody else holds for long.
class VersionStatistics final : public LayerMetrics {
 public:
  // More different numbers of sequences are not told apart.
  static constexpr size_t kMostSizes = 1024;

  explicit VersionStatistics(std::shared_ptr<LayerMetrics> layer) : layer_(std::move(layer)) {}

  void OnRequest(const RequestReport& request) override;
  void OnSent(std::chrono::nanoseconds respond) override { layer_->OnSent(respond); }
  void OnBacklog(const batching::LayerBacklog& backlog) override { layer_->OnBacklog(backlog); }
  void OnBatch(const batching::BatchReport& batch) override;

  // Everything that was told before the call, and perhaps what is told during it.
  VersionTotals Totals() const;

 private:
  enum CounterIndex : size_t {
    kAnswered,
    kSequences,
    kDecode,
    kQueue,
    kCompute,
    kRespond,
    kLast,  // a time, not a count
    kFailed,
    kFailedTime,
    kCounters
  };

  const std::shared_ptr<LayerMetrics> layer_;
  ShardedCounters<kCounters> counters_;

  mutable Mutex mutex_;
  absl::btree_map<int64_t, BatchesOfSize> batches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_VERSION_STATISTICS_H_
