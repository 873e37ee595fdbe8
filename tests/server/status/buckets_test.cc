#include "server/status/buckets.h"

#include <optional>

#include "gtest/gtest.h"

namespace convoy::status {
namespace {

constexpr int64_t kBounds[] = {10, 20, 40};

TEST(BucketsTest, OfNothingSayNothing) {
  const metrics::ShardedHistogram histogram(kBounds);
  for (const Buckets& buckets : {Buckets(), Buckets(histogram)}) {
    EXPECT_EQ(buckets.Count(), 0u);
    EXPECT_EQ(buckets.Mean(), std::nullopt);
    EXPECT_EQ(buckets.Quantile(0.5), std::nullopt);
  }
}

TEST(BucketsTest, FindAQuantileInsideItsBucket) {
  metrics::ShardedHistogram histogram(kBounds);
  for (int i = 0; i < 2; ++i) histogram.Observe(5);
  for (int i = 0; i < 8; ++i) histogram.Observe(15);
  const Buckets buckets(histogram);
  EXPECT_EQ(buckets.Count(), 10u);
  EXPECT_DOUBLE_EQ(*buckets.Mean(), 13);
  EXPECT_DOUBLE_EQ(*buckets.Quantile(0.1), 5);   // half of the first bucket
  EXPECT_DOUBLE_EQ(*buckets.Quantile(0.2), 10);  // all of it
  EXPECT_DOUBLE_EQ(*buckets.Quantile(0.6), 15);  // half of the second
  EXPECT_DOUBLE_EQ(*buckets.Quantile(1), 20);
}

TEST(BucketsTest, SayTheLastBoundOfWhatIsBeyondIt) {
  metrics::ShardedHistogram histogram(kBounds);
  histogram.Observe(1000);
  EXPECT_DOUBLE_EQ(*Buckets(histogram).Quantile(0.99), 40);
}

TEST(BucketsTest, SubtractWhatWasBefore) {
  metrics::ShardedHistogram histogram(kBounds);
  histogram.Observe(5);
  const Buckets before(histogram);
  histogram.Observe(30);
  Buckets since(histogram);
  since -= before;
  EXPECT_EQ(since.Count(), 1u);
  EXPECT_DOUBLE_EQ(*since.Mean(), 30);
  EXPECT_DOUBLE_EQ(*since.Quantile(1), 40);
}

TEST(BucketsTest, AddUpFromNothing) {
  metrics::ShardedHistogram histogram(kBounds);
  histogram.Observe(5);
  Buckets sum;
  sum += Buckets(histogram);
  sum += Buckets();
  sum += Buckets(histogram);
  EXPECT_EQ(sum.Count(), 2u);
  EXPECT_DOUBLE_EQ(*sum.Quantile(1), 10);
}

}  // namespace
}  // namespace convoy::status
