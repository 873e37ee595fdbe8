#include "server/rpc/arrivals.h"

#include <utility>

#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Arrivals::Clock::time_point kNow = Arrivals::Clock::time_point() + std::chrono::hours(1);

Arrival ArrivalOf(int fd) { return {Descriptor(), fd, nullptr}; }

TEST(ArrivalsTest, EachIsTakenWhenItsTimeHasCome) {
  Arrivals arrivals;
  EXPECT_FALSE(arrivals.Take(kNow).has_value());
  arrivals.Add(kNow + milliseconds(2), ArrivalOf(2));
  arrivals.Add(kNow + milliseconds(1), ArrivalOf(1));
  EXPECT_FALSE(arrivals.Take(kNow).has_value());
  EXPECT_EQ(arrivals.Take(kNow + milliseconds(2))->fd, 1);
  EXPECT_EQ(arrivals.Take(kNow + milliseconds(2))->fd, 2);
  EXPECT_TRUE(arrivals.empty());
}

TEST(ArrivalsTest, SaysHowLongToWait) {
  Arrivals arrivals;
  EXPECT_EQ(arrivals.UntilNext(kNow), -1);
  arrivals.Add(kNow + milliseconds(250), ArrivalOf(1));
  arrivals.Add(kNow + milliseconds(500), ArrivalOf(2));
  EXPECT_EQ(arrivals.UntilNext(kNow), 250);
  EXPECT_EQ(arrivals.UntilNext(kNow + microseconds(1)), 250);  // not a little too early
  EXPECT_EQ(arrivals.UntilNext(kNow + milliseconds(300)), 0);
}

TEST(ArrivalsTest, WhoIsRemovedIsNotTaken) {
  Arrivals arrivals;
  arrivals.Add(kNow, ArrivalOf(1));
  arrivals.Add(kNow, ArrivalOf(2));
  arrivals.Remove(1);
  arrivals.Remove(3);  // never there
  EXPECT_EQ(arrivals.next().fd, 2);
  EXPECT_EQ(arrivals.Take(kNow)->fd, 2);
  EXPECT_FALSE(arrivals.Take(kNow).has_value());
}

}  // namespace
}  // namespace convoy::rpc
