#include "kernel/layer/reduced_precision.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace convoy::layer {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(ReducedPrecisionTest, EveryFloat16ComesBackFromFloat) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = Float16ToFloat(static_cast<uint16_t>(bits));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(Float16ToFloat(FloatToFloat16(value)))) << bits;
    } else {
      ASSERT_EQ(FloatToFloat16(value), bits);
      ASSERT_EQ(DoubleToFloat16(value), bits);
    }
  }
}

TEST(ReducedPrecisionTest, EveryBfloat16ComesBackFromFloat) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = Bfloat16ToFloat(static_cast<uint16_t>(bits));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(Bfloat16ToFloat(FloatToBfloat16(value)))) << bits;
    } else {
      ASSERT_EQ(FloatToBfloat16(value), bits);
      ASSERT_EQ(DoubleToBfloat16(value), bits);
    }
  }
}

TEST(ReducedPrecisionTest, HalfwayBetweenTwoGoesToTheEvenOne) {
  for (uint32_t bits = 0; bits < 0x7BFF; ++bits) {
    const double low = Float16ToFloat(static_cast<uint16_t>(bits));
    const double high = Float16ToFloat(static_cast<uint16_t>(bits + 1));
    const double middle = (low + high) / 2;
    const uint16_t even = static_cast<uint16_t>(bits + (bits & 1));
    ASSERT_EQ(FloatToFloat16(static_cast<float>(middle)), even);
    ASSERT_EQ(FloatToFloat16(std::nextafter(static_cast<float>(middle), kInf)), bits + 1);
    ASSERT_EQ(FloatToFloat16(std::nextafter(static_cast<float>(middle), 0.0f)), bits);
  }
  EXPECT_EQ(FloatToBfloat16(1.00390625f), 0x3F80);
  EXPECT_EQ(FloatToBfloat16(1.01171875f), 0x3F82);
}

TEST(ReducedPrecisionTest, LargeNumbersBecomeInfinite) {
  EXPECT_EQ(FloatToFloat16(65519.0f), 0x7BFF);
  EXPECT_EQ(FloatToFloat16(65520.0f), 0x7C00);
  EXPECT_EQ(FloatToFloat16(-1e30f), 0xFC00);
  EXPECT_EQ(FloatToBfloat16(std::numeric_limits<float>::max()), 0x7F80);
  EXPECT_EQ(Float16ToFloat(FloatToFloat16(kInf)), kInf);
}

TEST(ReducedPrecisionTest, DoublesAreRoundedOnceNotTwice) {
  // Just above halfway between 1 and the next float16: rounding to float first
  // would land on halfway, and then on the even one below.
  const double value = 1.0 + std::ldexp(1.0, -11) + std::ldexp(1.0, -40);
  EXPECT_EQ(DoubleToFloat16(value), 0x3C01);
  EXPECT_EQ(FloatToFloat16(static_cast<float>(value)), 0x3C00);
  EXPECT_EQ(DoubleToBfloat16(1.0 + std::ldexp(1.0, -8) + std::ldexp(1.0, -40)), 0x3F81);
}

TEST(ReducedPrecisionTest, RoundToTreatsARunAsItsElements) {
  std::vector<float> values = {1.1f, -2.7f, kNan, kInf, 1e-7f, 65519.0f, 3.0f};
  std::vector<float> half = values, brain = values, same = values;
  RoundTo(DType::kFloat16, absl::MakeSpan(half));
  RoundTo(DType::kBfloat16, absl::MakeSpan(brain));
  RoundTo(DType::kFloat32, absl::MakeSpan(same));
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) {
      EXPECT_TRUE(std::isnan(half[i]) && std::isnan(brain[i]) && std::isnan(same[i]));
      continue;
    }
    EXPECT_EQ(half[i], Float16ToFloat(FloatToFloat16(values[i])));
    EXPECT_EQ(brain[i], Bfloat16ToFloat(FloatToBfloat16(values[i])));
    EXPECT_EQ(same[i], values[i]);
  }
}

}  // namespace
}  // namespace convoy::layer
