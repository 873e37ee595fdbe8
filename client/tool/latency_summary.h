// Quantiles of many durations.
#ifndef CONVOY_CLIENT_TOOL_LATENCY_SUMMARY_H_
#define CONVOY_CLIENT_TOOL_LATENCY_SUMMARY_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace convoy::tool {

// Counts durations in buckets whose width grows with the value, so that memory
// stays at some 40 KB whatever is recorded and a quantile is off by less than
// 0.4 %. Count, mean and maximum are exact. Durations below 0 count as 0,
// those over an hour as an hour in the quantiles. Not thread-safe.
class LatencySummary {
 public:
  LatencySummary();

  void Record(absl::Duration latency);
  // Adds everything `other` has recorded.
  void Merge(const LatencySummary& other);

  int64_t count() const { return count_; }
  absl::Duration Mean() const;
  absl::Duration Max() const { return absl::Nanoseconds(max_ns_); }
  // The smallest recorded duration that at least the share `q` of all does not
  // exceed; zero when nothing was recorded.
  // REQUIRES: 0 <= q <= 1.
  absl::Duration Quantile(double q) const;

 private:
  std::vector<int64_t> buckets_;
  int64_t count_ = 0;
  double sum_ns_ = 0;
  int64_t max_ns_ = 0;
};

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_LATENCY_SUMMARY_H_
