#include "server/loading/poll_schedule.h"

#include "gtest/gtest.h"

namespace convoy::loading {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(PollScheduleTest, IsRareWhereChangesAreToldAndFrequentWhereTheyAreNot) {
  PollSchedule schedule;
  const PollSchedule::Clock::time_point now(seconds(100));
  schedule.Looked(now, milliseconds(1));
  EXPECT_EQ(schedule.Next(/*told=*/true), now + seconds(30));
  EXPECT_EQ(schedule.Next(/*told=*/false), now + seconds(1));
}

TEST(PollScheduleTest, NeverTakesMoreThanAHundredthOfACore) {
  PollSchedule schedule;
  const PollSchedule::Clock::time_point now(seconds(100));
  schedule.Looked(now, milliseconds(25));
  EXPECT_EQ(schedule.Next(false), now + milliseconds(2500));
  schedule.Looked(now, seconds(1));
  EXPECT_EQ(schedule.Next(true), now + seconds(100));
}

}  // namespace
}  // namespace convoy::loading
