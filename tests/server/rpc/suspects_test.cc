#include "server/rpc/suspects.h"

#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

constexpr Suspects::Clock::time_point kNow = Suspects::Clock::time_point() + std::chrono::hours(1);
constexpr auto kDistance = Suspects::kDistance;

TEST(SuspectsTest, OthersComeInAtOnce) {
  Suspects suspects;
  EXPECT_EQ(suspects.Admit("a", kNow), kNow);
  suspects.Add("a", kNow);
  EXPECT_EQ(suspects.Admit("b", kNow), kNow);
  EXPECT_EQ(suspects.Admit("b", kNow), kNow);
}

TEST(SuspectsTest, ConnectionsOfASuspectKeepTheirDistance) {
  Suspects suspects;
  suspects.Add("a", kNow);
  EXPECT_EQ(suspects.Admit("a", kNow), kNow + kDistance);
  EXPECT_EQ(suspects.Admit("a", kNow), kNow + 2 * kDistance);
  // One that is cut again has kept it already.
  suspects.Add("a", kNow + kDistance);
  EXPECT_EQ(suspects.Admit("a", kNow + kDistance), kNow + 3 * kDistance);
  EXPECT_EQ(suspects.Admit("a", kNow + 9 * kDistance), kNow + 9 * kDistance);
}

TEST(SuspectsTest, ASuspectIsForgottenAfterSomeTimeWithoutACut) {
  Suspects suspects;
  suspects.Add("a", kNow);
  suspects.Add("a", kNow + Suspects::kTime / 2);
  const auto last = kNow + Suspects::kTime / 2 + Suspects::kTime;
  const auto before = last - std::chrono::nanoseconds(1);
  EXPECT_EQ(suspects.Admit("a", before), before);
  EXPECT_EQ(suspects.Admit("a", before), before + kDistance);
  EXPECT_EQ(suspects.Admit("a", last), last);
  EXPECT_EQ(suspects.Admit("a", last), last);
}

TEST(SuspectsTest, SoManyWaitAndNoMore) {
  Suspects suspects;
  suspects.Add("a", kNow);
  for (int i = 1; i <= Suspects::kMaxWaiting; ++i) {
    EXPECT_EQ(suspects.Admit("a", kNow), kNow + i * kDistance);
  }
  EXPECT_EQ(suspects.Admit("a", kNow), std::nullopt);
  EXPECT_EQ(suspects.Admit("a", kNow + kDistance), kNow + (Suspects::kMaxWaiting + 1) * kDistance);
}

TEST(SuspectsTest, WithoutAnAddressNobodyIsSuspect) {
  Suspects suspects;
  suspects.Add("", kNow);
  EXPECT_EQ(suspects.Admit("", kNow), kNow);
  EXPECT_EQ(suspects.Admit("", kNow), kNow);
}

}  // namespace
}  // namespace convoy::rpc
