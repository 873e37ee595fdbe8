#include "server/metrics/sharded_histogram.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace convoy::metrics {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kBounds[] = {10, 20};

TEST(ShardedHistogramTest, CountsAValueOnABoundAsWithinIt) {
  ShardedHistogram histogram(kBounds);
  for (const int64_t value : {9, 10, 11, 20, 21}) histogram.Observe(value);
  EXPECT_THAT(histogram.CumulativeCounts(), ElementsAre(2, 4, 5));
  EXPECT_EQ(histogram.Sum(), 71u);
}

TEST(ShardedHistogramTest, IsEmptyAtFirst) {
  const ShardedHistogram histogram(kBounds);
  EXPECT_THAT(histogram.CumulativeCounts(), ElementsAre(0, 0, 0));
  EXPECT_EQ(histogram.Sum(), 0u);
}

TEST(ShardedHistogramTest, CountsNegativeValuesAsZero) {
  ShardedHistogram histogram(kBounds);
  histogram.Observe(-5);
  EXPECT_THAT(histogram.CumulativeCounts(), ElementsAre(1, 1, 1));
  EXPECT_EQ(histogram.Sum(), 0u);
}

}  // namespace
}  // namespace convoy::metrics
