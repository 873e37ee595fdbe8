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
  Slowdown small, usual;
  small.Record(1e-6, 1.0);
  EXPECT_LT(small.factor(), 1.02);
  usual.Record(1e-3, 1.0);
  EXPECT_LT(usual.factor(), 1.12);
}

TEST(SlowdownTest, WhatIsBelievedIsToldAndGrowsWithEachThatSaysTheSame) {
  Slowdown slowdown;
  EXPECT_EQ(slowdown.Record(1e-3, 2e-3), 2e-3);
  EXPECT_LT(slowdown.Record(1e-3, 1), 0.012);
  EXPECT_LT(slowdown.Record(1e-3, 1), 0.03);
  int batches = 2;
  while (slowdown.Record(1e-3, 1) < 1) ++batches;
  EXPECT_LT(batches, 10);
  // The next one that is as it was is not to be doubted, a later one is.
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(slowdown.Record(1e-3, 2e-3), 2e-3);
  EXPECT_LT(slowdown.Record(1e-3, 1), 0.03);
}

}  // namespace
}  // namespace convoy::batching
