#include "server/base/repeat_limit.h"

#include "gtest/gtest.h"

namespace convoy {
namespace {

using Clock = RepeatLimit::Clock;

TEST(RepeatLimitTest, WritesSoManyLinesInAPeriodAndCountsTheOthers) {
  RepeatLimit limit;
  const Clock::time_point begin = Clock::now();
  const uint64_t before = RepeatLimit::LeftOut();
  for (uint64_t i = 0; i < RepeatLimit::kLines; ++i) EXPECT_EQ(limit.Take(begin), 0u);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(limit.Take(begin + RepeatLimit::kPeriod / 2), std::nullopt);
  EXPECT_EQ(limit.Take(begin + RepeatLimit::kPeriod), 7u) << "told with the first line after them";
  EXPECT_EQ(limit.Take(begin + RepeatLimit::kPeriod), 0u);
  EXPECT_EQ(RepeatLimit::LeftOut() - before, 7u);
}

TEST(RepeatLimitTest, ShowsWhatWasLeftOutOnlyWhereSomethingWas) {
  EXPECT_EQ(ShowLeftOut(0), "");
  EXPECT_EQ(ShowLeftOut(7), " left_out=7");
}

}  // namespace
}  // namespace convoy
