#include "server/batching/slowdown.h"

#include <gtest/gtest.h>

namespace convoy::batching {
namespace {

TEST(SlowdownTest, EstimatesAreBelievedBeforeTheFirstBatch) { EXPECT_EQ(Slowdown().factor(), 1); }

TEST(SlowdownTest, TheFactorIsThatOfTheLastTenthOfASecond) {
  Slowdown slowdown;
  for (int i = 0; i < 1000; ++i) slowdown.Record(1e-3, 3e-3);
  EXPECT_NEAR(slowdown.factor(), 3, 1e-3);
  for (int i = 0; i < 1000; ++i) slowdown.Record(1e-3, 0.5e-3);
  EXPECT_NEAR(slowdown.factor(), 0.5, 1e-3);
}

TEST(SlowdownTest, SmallBatchesCountByTheirWork) {
  Slowdown slowdown;
  for (int i = 0; i < 10; ++i) slowdown.Record(1e-6, 5e-6);
  EXPECT_LT(slowdown.factor(), 1.001);
  for (int i = 0; i < 2'000'000; ++i) slowdown.Record(1e-6, 5e-6);
  EXPECT_NEAR(slowdown.factor(), 5, 1e-3);
}

TEST(SlowdownTest, OneBatchThatStoodStillSaysLittle) {
  Slowdown slowdown;
  slowdown.Record(1e-6, 1.0);
  EXPECT_LT(slowdown.factor(), 1.02);
  slowdown.Record(1e-3, 1.0);
  EXPECT_LT(slowdown.factor(), 1.15);
}

}  // namespace
}  // namespace convoy::batching
