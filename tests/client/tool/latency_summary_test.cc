#include "client/tool/latency_summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace convoy::tool {
namespace {

// The share by which `value` misses `expected`.
double Miss(absl::Duration value, absl::Duration expected) {
  return std::abs(absl::FDivDuration(value - expected, expected));
}

TEST(LatencySummary, NothingRecordedIsAllZero) {
  const LatencySummary summary;
  EXPECT_EQ(summary.count(), 0);
  EXPECT_EQ(summary.Quantile(0.5), absl::ZeroDuration());
  EXPECT_EQ(summary.Mean(), absl::ZeroDuration());
  EXPECT_EQ(summary.Max(), absl::ZeroDuration());
}

TEST(LatencySummary, OneValueIsEveryQuantile) {
  LatencySummary summary;
  summary.Record(absl::Nanoseconds(200));
  for (const double q : {0.0, 0.5, 0.99, 1.0}) {
    EXPECT_EQ(summary.Quantile(q), absl::Nanoseconds(200)) << q;
  }
}

TEST(LatencySummary, QuantilesAreTheNearestRank) {
  LatencySummary summary;
  for (int i = 1; i <= 10; ++i) summary.Record(absl::Nanoseconds(i));
  EXPECT_EQ(summary.Quantile(0.5), absl::Nanoseconds(5));
  EXPECT_EQ(summary.Quantile(0.51), absl::Nanoseconds(6));
  EXPECT_EQ(summary.Quantile(0.9), absl::Nanoseconds(9));
  EXPECT_EQ(summary.Quantile(1), absl::Nanoseconds(10));
}

TEST(LatencySummary, QuantilesOfLongTailsAreWithinHalfAPercent) {
  std::mt19937 random(7);
  std::lognormal_distribution<double> microseconds(6, 2);
  std::vector<absl::Duration> latencies;
  LatencySummary summary;
  for (int i = 0; i < 20000; ++i) {
    latencies.push_back(absl::Microseconds(microseconds(random)));
    summary.Record(latencies.back());
  }
  std::sort(latencies.begin(), latencies.end());
  for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<size_t>(std::ceil(q * 20000)) - 1;
    EXPECT_LT(Miss(summary.Quantile(q), latencies[rank]), 0.004) << q;
  }
  EXPECT_LE(summary.Quantile(1), summary.Max());
}

TEST(LatencySummary, EveryPowerOfTwoIsFoundAgain) {
  for (int shift = 0; shift < 41; ++shift) {
    for (const int64_t off : {-1, 0, 1}) {
      LatencySummary summary;
      const absl::Duration latency = absl::Nanoseconds((int64_t{1} << shift) + off);
      summary.Record(latency);
      // A second, larger value keeps the maximum from hiding the bucket's own.
      summary.Record(latency * 2);
      if (latency > absl::ZeroDuration()) {
        EXPECT_LT(Miss(summary.Quantile(0.5), latency), 0.004) << latency;
      }
    }
  }
}

TEST(LatencySummary, MeanAndMaximumAreExact) {
  LatencySummary summary;
  summary.Record(absl::Nanoseconds(1000001));
  summary.Record(absl::Nanoseconds(3000003));
  EXPECT_EQ(summary.Mean(), absl::Nanoseconds(2000002));
  EXPECT_EQ(summary.Max(), absl::Nanoseconds(3000003));
}

TEST(LatencySummary, DurationsBeyondTheRangeCountAtItsEnds) {
  LatencySummary summary;
  summary.Record(-absl::Seconds(1));
  EXPECT_EQ(summary.Quantile(1), absl::ZeroDuration());
  summary.Record(absl::Hours(5));
  EXPECT_LT(Miss(summary.Quantile(1), absl::Hours(1)), 0.004);
  EXPECT_EQ(summary.Max(), absl::Hours(5));
}

TEST(LatencySummary, MergingEqualsRecordingAllInOne) {
  LatencySummary left;
  LatencySummary right;
  LatencySummary both;
  for (int i = 0; i < 100; ++i) {
    const absl::Duration latency = absl::Microseconds(i * i);
    (i % 3 == 0 ? left : right).Record(latency);
    both.Record(latency);
  }
  left.Merge(right);
  EXPECT_EQ(left.count(), both.count());
  EXPECT_EQ(left.Max(), both.Max());
  EXPECT_EQ(left.Mean(), both.Mean());
  for (const double q : {0.1, 0.5, 0.9}) EXPECT_EQ(left.Quantile(q), both.Quantile(q));
}

}  // namespace
}  // namespace convoy::tool
