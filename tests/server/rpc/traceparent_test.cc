#include "server/rpc/traceparent.h"

#include <string>

#include "gtest/gtest.h"

namespace convoy::rpc {
namespace {

// The specification's own example.
constexpr char kGood[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceparentTest, ReadsBothIds) {
  const auto parsed = ParseTraceparent(kGood);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(parsed->parent_id, "00f067aa0ba902b7");
}

TEST(TraceparentTest, ALaterVersionMayGoOn) {
  const std::string later = "cc" + std::string(kGood).substr(2);
  EXPECT_TRUE(ParseTraceparent(later).has_value());
  EXPECT_TRUE(ParseTraceparent(later + "-what-the-future-will-be").has_value());
  EXPECT_FALSE(ParseTraceparent(later + ".what").has_value());
}

TEST(TraceparentTest, NothingElseIsTaken) {
  const std::string good = kGood;
  EXPECT_FALSE(ParseTraceparent("").has_value());
  EXPECT_FALSE(ParseTraceparent(good + "-01").has_value()) << "version 0 is of one length";
  EXPECT_FALSE(ParseTraceparent("ff" + good.substr(2)).has_value());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = good[i] == '-' ? '0' : 'G';
    EXPECT_FALSE(ParseTraceparent(bad).has_value()) << bad;
    EXPECT_FALSE(ParseTraceparent(good.substr(0, i)).has_value()) << "cut at " << i;
  }
  EXPECT_FALSE(ParseTraceparent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
  EXPECT_FALSE(ParseTraceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
  EXPECT_FALSE(ParseTraceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
}

}  // namespace
}  // namespace convoy::rpc
