#include "server/batching/refusals.h"

#include <gtest/gtest.h>

#include <thread>

namespace convoy::batching {
namespace {

using std::chrono::milliseconds;

Clock::time_point At(int64_t after_milliseconds) {
  return Clock::time_point(std::chrono::hours(1)) + milliseconds(after_milliseconds);
}

TEST(RefusalsTest, NoneAreFew) { EXPECT_FALSE(Refusals().Many(At(0))); }

TEST(RefusalsTest, EightWithinTheWindowAreMany) {
  Refusals refusals;
  for (int i = 0; i < 7; ++i) {
    refusals.Note(At(2 * i));
    EXPECT_FALSE(refusals.Many(At(2 * i))) << i;
  }
  refusals.Note(At(14));
  EXPECT_TRUE(refusals.Many(At(14)));
  EXPECT_TRUE(refusals.Many(At(20)));
  EXPECT_FALSE(refusals.Many(At(21))) << "the first is too long ago";
}

TEST(RefusalsTest, RareOnesAreFewHoweverOftenTheyCome) {
  Refusals refusals;
  for (int i = 0; i < 1000; ++i) {
    refusals.Note(At(3 * i));  // 8 take 21 ms
    EXPECT_FALSE(refusals.Many(At(3 * i)));
  }
}

TEST(RefusalsTest, TheyStayManyAsLongAsTheyComeQuickly) {
  Refusals refusals;
  for (int i = 0; i < 1000; ++i) {
    refusals.Note(At(i));
    EXPECT_EQ(refusals.Many(At(i)), i >= 7);
  }
  EXPECT_TRUE(refusals.Many(At(999 + 13)));
  EXPECT_FALSE(refusals.Many(At(999 + 14)));
}

TEST(RefusalsTest, OthersMayAskWhileOneNotes) {
  Refusals refusals;
  std::thread asks([&] {
    while (!refusals.Many(At(0))) std::this_thread::yield();
  });
  for (int i = 0; i < 1000; ++i) refusals.Note(At(0));
  asks.join();
  EXPECT_TRUE(refusals.Many(At(0)));
}

}  // namespace
}  // namespace convoy::batching
