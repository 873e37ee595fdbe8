#include "server/metrics/sharded_histogram.h"

#include <algorithm>

namespace convoy::metrics {

void ShardedHistogram::Observe(int64_t value) {
  value = std::max<int64_t>(value, 0);
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  counters_.Add(bound - bounds_.begin(), 1);
  counters_.Add(kSumIndex, static_cast<uint64_t>(value));
}

std::vector<uint64_t> ShardedHistogram::CumulativeCounts() const {
  std::vector<uint64_t> counts;
  uint64_t total = 0;
  for (size_t i = 0; i <= bounds_.size(); ++i) {
    total += counters_.Total(i);
    counts.push_back(total);
  }
  return counts;
}

}  // namespace convoy::metrics
