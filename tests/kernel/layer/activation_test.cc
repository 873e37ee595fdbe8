#include "kernel/layer/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace convoy::layer {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(ActivationTest, ReluKeepsNanAndClearsNegatives) {
  std::vector<float> values = {kNan, kInf, -kInf, -1.0f, 0.0f, 2.5f};
  ApplyActivation(*ActivationFromName("relu"), absl::MakeSpan(values));
  EXPECT_TRUE(std::isnan(values[0]));
  values.erase(values.begin());
  EXPECT_THAT(values, ::testing::ElementsAre(kInf, 0.0f, 0.0f, 0.0f, 2.5f));
}

TEST(ActivationTest, LinearLeavesEveryBit) {
  std::vector<float> values = {-0.0f, -3.0f, kInf};
  ApplyActivation(*ActivationFromName("linear"), absl::MakeSpan(values));
  EXPECT_TRUE(std::signbit(values[0]));
  EXPECT_THAT(values, ::testing::ElementsAre(-0.0f, -3.0f, kInf));
}

TEST(ActivationTest, UnknownNamesAreRefusedInKerasWords) {
  EXPECT_EQ(ActivationFromName("ReLU").status().message(),
            "Could not interpret activation function identifier: ReLU");
}

}  // namespace
}  // namespace convoy::layer
