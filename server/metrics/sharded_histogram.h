// A histogram of whole numbers that many threads fill and a scrape reads.
#ifndef CONVOY_SERVER_METRICS_SHARDED_HISTOGRAM_H_
#define CONVOY_SERVER_METRICS_SHARDED_HISTOGRAM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "server/metrics/sharded_counters.h"

namespace convoy::metrics {

// Thread-safe.
class ShardedHistogram {
 public:
  static constexpr size_t kMaxBounds = 22;

  // A value falls into the first bucket whose bound is not below it, or into a
  // last one without bound.
  // REQUIRES: `bounds` ascends, has at most kMaxBounds elements and outlives
  // the histogram.
  explicit ShardedHistogram(absl::Span<const int64_t> bounds) : bounds_(bounds) {}

  // Negative values count as 0.
  void Observe(int64_t value);

  absl::Span<const int64_t> bounds() const { return bounds_; }

  // How many values were at most each bound, and at last the number of all.
  std::vector<uint64_t> CumulativeCounts() const;
  uint64_t Sum() const { return counters_.Total(kSumIndex); }

 private:
  static constexpr size_t kSumIndex = kMaxBounds + 1;

  const absl::Span<const int64_t> bounds_;
  ShardedCounters<kMaxBounds + 2> counters_;  // one per bucket, then the sum
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_SHARDED_HISTOGRAM_H_
