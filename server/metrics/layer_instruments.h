// What is counted for one layer.
#ifndef CONVOY_SERVER_METRICS_LAYER_INSTRUMENTS_H_
#define CONVOY_SERVER_METRICS_LAYER_INSTRUMENTS_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "server/batching/batch_report.h"
#include "server/metrics/layer_metrics.h"
#include "server/metrics/sharded_counters.h"
#include "server/metrics/sharded_histogram.h"

namespace convoy::metrics {

// The codes of absl::StatusCode are 0 (OK) to 16.
inline constexpr size_t kStatusCodes = 17;

// The index of `code`; a number that is no code counts as UNKNOWN.
size_t StatusCodeIndex(absl::StatusCode code);

// Thread-safe. Writers pay a few uncontended atomic additions; the accessors
// are for the scrape.
class LayerInstruments final : public LayerMetrics {
 public:
  LayerInstruments();

  void OnRequest(const RequestReport& request) override;
  void OnSent(std::chrono::nanoseconds respond) override;
  void OnBatch(const batching::BatchReport& batch) override;
  void OnBacklog(const batching::LayerBacklog& backlog) override;

  uint64_t Requests(absl::StatusCode code) const { return requests_.Total(StatusCodeIndex(code)); }
  uint64_t InputBytes() const { return totals_.Total(kInputBytes); }
  uint64_t OutputBytes() const { return totals_.Total(kOutputBytes); }
  uint64_t ExecutionNanoseconds() const { return totals_.Total(kExecutionNanoseconds); }
  uint64_t BatchParts() const { return totals_.Total(kBatchParts); }
  uint64_t BatchSequences() const { return totals_.Total(kBatchSequences); }
  uint64_t BatchFrames() const { return totals_.Total(kBatchFrames); }
  uint64_t WastedFrames() const { return totals_.Total(kWastedFrames); }
  uint64_t MultiplyAccumulates() const { return totals_.Total(kMultiplyAccumulates); }
  uint64_t PackedParts() const { return totals_.Total(kPackedParts); }
  uint64_t ChunkedParts() const { return totals_.Total(kChunkedParts); }
  uint64_t DirectParts() const { return totals_.Total(kDirectParts); }
  // What OnBacklog told since the last call, added up. For one thread.
  batching::LayerBacklog TakeBacklog();
  // Grows with every call and every batch: who has seen this number has seen what follows.
  uint64_t Activity() const;
  // Of calls that were answered with OK, and of the others.
  const ShardedHistogram& answered_nanoseconds() const { return answered_nanoseconds_; }
  const ShardedHistogram& failed_nanoseconds() const { return failed_nanoseconds_; }
  // The stages of calls that were answered with OK; of the last one those whose answer
  // was sent.
  const ShardedHistogram& decode_nanoseconds() const { return decode_nanoseconds_; }
  const ShardedHistogram& queue_nanoseconds() const { return queue_nanoseconds_; }
  const ShardedHistogram& compute_nanoseconds() const { return compute_nanoseconds_; }
  const ShardedHistogram& respond_nanoseconds() const { return respond_nanoseconds_; }
  const ShardedHistogram& batch_requests() const { return batch_requests_; }
  const ShardedHistogram& batch_nanoseconds() const { return batch_nanoseconds_; }

 private:
  enum TotalIndex : size_t {
    kInputBytes,
    kOutputBytes,
    kExecutionNanoseconds,
    kBatchParts,
    kBatchSequences,
    kBatchFrames,
    kWastedFrames,
    kMultiplyAccumulates,
    kPackedParts,
    kChunkedParts,
    kDirectParts,
    kTotals
  };

  ShardedCounters<kStatusCodes> requests_;
  ShardedCounters<kTotals> totals_;
  ShardedHistogram answered_nanoseconds_;
  ShardedHistogram failed_nanoseconds_;
  ShardedHistogram decode_nanoseconds_;
  ShardedHistogram queue_nanoseconds_;
  ShardedHistogram compute_nanoseconds_;
  ShardedHistogram respond_nanoseconds_;
  ShardedHistogram batch_requests_;
  ShardedHistogram batch_nanoseconds_;

  // Until the scrape takes them.
  std::atomic<int64_t> backlog_requests_{0};
  std::atomic<int64_t> backlog_bytes_{0};
  std::atomic<int64_t> backlog_nanoseconds_{0};
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_LAYER_INSTRUMENTS_H_
