#include "client/tool/latency_summary.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace convoy::tool {
namespace {

// Every power of two is cut into 2^7 buckets: values below 2^8 have one each.
constexpr int kSubBits = 7;
constexpr int64_t kMaxNs = int64_t{3600} * 1'000'000'000;

int Shift(int64_t ns) {
  return std::max(0, static_cast<int>(std::bit_width(static_cast<uint64_t>(ns))) - kSubBits - 1);
}

size_t BucketOf(int64_t ns) {
  const int shift = Shift(ns);
  return static_cast<size_t>((int64_t{shift} << kSubBits) + (ns >> shift));
}

// The middle of a bucket: the inverse of BucketOf.
int64_t ValueOf(size_t bucket) {
  const auto index = static_cast<int64_t>(bucket);
  const int64_t shift = std::max<int64_t>(0, (index >> kSubBits) - 1);
  const int64_t low = (index - (shift << kSubBits)) << shift;
  return low + ((int64_t{1} << shift) >> 1);
}

}  // namespace

LatencySummary::LatencySummary() : buckets_(BucketOf(kMaxNs) + 1) {}

void LatencySummary::Record(absl::Duration latency) {
  const int64_t ns = std::max<int64_t>(0, absl::ToInt64Nanoseconds(latency));
  ++buckets_[BucketOf(std::min(ns, kMaxNs))];
  ++count_;
  sum_ns_ += static_cast<double>(ns);
  max_ns_ = std::max(max_ns_, ns);
}

void LatencySummary::Merge(const LatencySummary& other) {
  for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

absl::Duration LatencySummary::Mean() const {
  if (count_ == 0) return absl::ZeroDuration();
  return absl::Nanoseconds(sum_ns_ / static_cast<double>(count_));
}

absl::Duration LatencySummary::Quantile(double q) const {
  const auto rank =
      std::max<int64_t>(1, static_cast<int64_t>(std::ceil(q * static_cast<double>(count_))));
  int64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return absl::Nanoseconds(std::min(ValueOf(i), max_ns_));
  }
  return absl::ZeroDuration();
}

}  // namespace convoy::tool
