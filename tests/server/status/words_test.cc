#include "server/status/words.h"

#include "gtest/gtest.h"

namespace convoy::status {
namespace {

TEST(WordsTest, GroupsThousands) {
  EXPECT_EQ(Count(0), "0");
  EXPECT_EQ(Count(999), "999");
  EXPECT_EQ(Count(1000), "1,000");
  EXPECT_EQ(Count(1234567), "1,234,567");
}

TEST(WordsTest, SaysRatesWithTheDigitsThatMatter) {
  EXPECT_EQ(Rate(0), "0");
  EXPECT_EQ(Rate(0.25), "0.25");
  EXPECT_EQ(Rate(1.26), "1.3");
  EXPECT_EQ(Rate(9.96), "10");
  EXPECT_EQ(Rate(999.6), "1,000");
  EXPECT_EQ(Rate(12345.6), "12,346");
}

TEST(WordsTest, SaysThatFewIsMoreThanNone) {
  EXPECT_EQ(Percent(0), "0 %");
  EXPECT_EQ(Percent(0.0001), "under 0.1 %");
  EXPECT_EQ(Percent(0.012), "1.2 %");
  EXPECT_EQ(Percent(0.5), "50 %");
}

TEST(WordsTest, SaysDurationsInTheirUnit) {
  EXPECT_EQ(Duration(0.00004), "0.04 ms");
  EXPECT_EQ(Duration(0.0021), "2.1 ms");
  EXPECT_EQ(Duration(0.048), "48 ms");
  EXPECT_EQ(Duration(0.9994), "999 ms");
  EXPECT_EQ(Duration(0.9999), "1.0 s");
  EXPECT_EQ(Duration(12), "12 s");
}

TEST(WordsTest, CountsOneAndMany) {
  EXPECT_EQ(Counted(1, "layer"), "1 layer");
  EXPECT_EQ(Counted(0, "layer"), "0 layers");
  EXPECT_EQ(Counted(1000, "layer"), "1,000 layers");
}

}  // namespace
}  // namespace convoy::status
