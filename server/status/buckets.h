// A histogram's counts, or what came to them in some time.
#ifndef CONVOY_SERVER_STATUS_BUCKETS_H_
#define CONVOY_SERVER_STATUS_BUCKETS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "server/metrics/sharded_histogram.h"

namespace convoy::status {

// A plain value that can be added and subtracted; those of one histogram, or of
// histograms with the same bounds, go together. A default one has no bounds and goes
// with any.
class Buckets {
 public:
  Buckets() = default;
  // What the histogram has counted so far.
  explicit Buckets(const metrics::ShardedHistogram& histogram);

  Buckets& operator+=(const Buckets& other);
  // REQUIRES: `earlier` was taken before of the same histogram, or is part of the sum.
  Buckets& operator-=(const Buckets& earlier);

  uint64_t Count() const;
  // Of all values. Nothing when there are none.
  std::optional<double> Mean() const;
  // The value below which a share of `quantile`, 0 to 1, of the values lies, by linear
  // interpolation in its bucket as Prometheus does it: the last bound for values beyond
  // it. Nothing when there are no values.
  std::optional<double> Quantile(double quantile) const;

 private:
  absl::Span<const int64_t> bounds_;
  // By bucket; the one after the last bound has what is beyond it.
  std::array<uint64_t, metrics::ShardedHistogram::kMaxBounds + 1> counts_{};
  uint64_t sum_ = 0;
};

}  // namespace convoy::status

#endif  // CONVOY_SERVER_STATUS_BUCKETS_H_
