#include "server/status/buckets.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace convoy::status {

Buckets::Buckets(const metrics::ShardedHistogram& histogram)
    : bounds_(histogram.bounds()), sum_(histogram.Sum()) {
  const std::vector<uint64_t> cumulative = histogram.CumulativeCounts();
  std::adjacent_difference(cumulative.begin(), cumulative.end(), counts_.begin());
}

Buckets& Buckets::operator+=(const Buckets& other) {
  if (bounds_.empty()) bounds_ = other.bounds_;
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  sum_ += other.sum_;
  return *this;
}

Buckets& Buckets::operator-=(const Buckets& earlier) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] -= earlier.counts_[i];
  sum_ -= earlier.sum_;
  return *this;
}

uint64_t Buckets::Count() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

std::optional<double> Buckets::Mean() const {
  const uint64_t count = Count();
  if (count == 0) return std::nullopt;
  return static_cast<double>(sum_) / static_cast<double>(count);
}

std::optional<double> Buckets::Quantile(double quantile) const {
  const uint64_t count = Count();
  if (count == 0) return std::nullopt;
  const double rank = quantile * static_cast<double>(count);
  double below = 0;
  for (size_t i = 0; i < bounds_.size(); ++i) {
    const auto here = static_cast<double>(counts_[i]);
    if (here > 0 && below + here >= rank) {
      const double lower = i == 0 ? 0 : static_cast<double>(bounds_[i - 1]);
      const double width = static_cast<double>(bounds_[i]) - lower;
      return lower + width * std::max(0.0, rank - below) / here;
    }
    below += here;
  }
  return static_cast<double>(bounds_.back());
}

}  // namespace convoy::status
