#include "server/batching/share_clock.h"

#include <gtest/gtest.h>

namespace convoy::batching {
namespace {

constexpr double kCredit = ShareClock::kCreditSeconds;

TEST(ShareClockTest, TheClockIsThatOfTheLeastServedAndNeverGoesBack) {
  ShareClock clock;
  clock.Advance(3);
  EXPECT_EQ(clock.now(), 3);
  clock.Advance(2);
  EXPECT_EQ(clock.now(), 3);
}

TEST(ShareClockTest, WhoComesBackIsNeitherFarBehindNorFarAhead) {
  ShareClock clock;
  clock.Advance(100);
  EXPECT_EQ(clock.PlaceOf({.received = 7}), 100 - kCredit);
  EXPECT_EQ(clock.PlaceOf({.received = 100.001}), 100.001);
  EXPECT_EQ(clock.PlaceOf({.received = 250}), 100 + kCredit);
}

// Otherwise one whose every turn takes a second would pay for 4 ms.
TEST(ShareClockTest, WhatOneReceivedLastIsNotForgiven) {
  ShareClock clock;
  clock.Advance(100);
  EXPECT_EQ(clock.PlaceOf({.received = 101, .last = 1}), 101);
  EXPECT_EQ(clock.PlaceOf({.received = 250, .last = 1}), 101 + kCredit);
}

}  // namespace
}  // namespace convoy::batching
