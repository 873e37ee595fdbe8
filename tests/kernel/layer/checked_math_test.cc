#include "kernel/layer/checked_math.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace convoy::layer {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

TEST(CheckedMathTest, ProductsThatFitAreGiven) {
  EXPECT_EQ(CheckedMultiply(2, 3, 4), 24);
  EXPECT_EQ(CheckedMultiply(kMax, 1), kMax);
  EXPECT_EQ(CheckedMultiply(0, kMax, kMax), 0);
}

TEST(CheckedMathTest, ProductsThatDoNotFitAreNothing) {
  EXPECT_FALSE(CheckedMultiply(kMax, 2).has_value());
  EXPECT_FALSE(CheckedMultiply(int64_t{1} << 4, (int64_t{1} << 60) + 2).has_value());
  EXPECT_FALSE(CheckedMultiply(kMax, 2, 0).has_value());
}

TEST(CheckedMathTest, SumsBehaveLikewise) {
  EXPECT_EQ(CheckedAdd(1, 2, 3), 6);
  EXPECT_EQ(CheckedAdd(kMax - 1, 1), kMax);
  EXPECT_FALSE(CheckedAdd(kMax, 1).has_value());
  EXPECT_FALSE(CheckedAdd(kMax, 1, -1).has_value());
}

}  // namespace
}  // namespace convoy::layer
