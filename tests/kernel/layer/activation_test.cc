#include "kernel/layer/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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

TEST(ActivationTest, EveryNameOfKerasIsKnownExceptThreshold) {
  for (const char* name :
       {"relu",         "leaky_relu",  "relu6",       "softmax",        "celu",
        "elu",          "selu",        "softplus",    "softsign",       "squareplus",
        "soft_shrink",  "sparse_plus", "silu",        "gelu",           "glu",
        "tanh",         "tanh_shrink", "sigmoid",     "sparse_sigmoid", "exponential",
        "hard_sigmoid", "hard_silu",   "hard_tanh",   "hard_shrink",    "linear",
        "mish",         "log_softmax", "log_sigmoid", "sparsemax"}) {
    const auto activation = ActivationFromName(name);
    ASSERT_TRUE(activation.ok()) << name;
    EXPECT_EQ(ActivationName(*activation), name);
  }
  EXPECT_EQ(ActivationName(*ActivationFromName("swish")), "silu");
  EXPECT_EQ(ActivationName(*ActivationFromName("hard_swish")), "hard_silu");
  EXPECT_FALSE(ActivationFromName("threshold").ok());
}

// The vectorised formulas against those over double.
TEST(ActivationTest, FloatIsWithinAFewLastPlacesOfDouble) {
  for (int kind = 0; kind < static_cast<int>(ActivationKind::kPRelu); ++kind) {
    const Activation activation{.kind = static_cast<ActivationKind>(kind),
                                .negative_slope = 0.3,
                                .max_value = 3.0,
                                .threshold = -0.5,
                                .alpha = 0.7};
    std::vector<float> values;
    for (int i = -4000; i <= 4000; ++i) values.push_back(static_cast<float>(i) * 0.00731f);
    std::vector<double> exact(values.begin(), values.end());
    const std::vector<float> input = values;
    ApplyActivation(activation, absl::MakeSpan(values));
    ApplyActivation(activation, absl::MakeSpan(exact));
    for (size_t i = 0; i < values.size(); ++i) {
      // A function that cancels is as good as its input allows.
      const double scale = std::max(std::fabs(exact[i]), 0.2 * std::fabs(double{input[i]}));
      ASSERT_NEAR(values[i], exact[i], 1e-6 * scale + 1e-7 * (std::fabs(exact[i]) < 1))
          << ActivationName(activation) << " at " << input[i];
    }
  }
}

TEST(ActivationTest, ARunOfAnyLengthIsTreatedAsItsElements) {
  const Activation gelu = *ActivationFromName("gelu");
  for (size_t length = 0; length < 40; ++length) {
    std::vector<float> run;
    for (size_t i = 0; i < length; ++i) run.push_back(static_cast<float>(i) * 0.37f - 5.0f);
    std::vector<float> alone = run;
    ApplyActivation(gelu, absl::MakeSpan(run));
    for (float& value : alone) ApplyActivation(gelu, absl::MakeSpan(&value, 1));
    for (size_t i = 0; i < length; ++i) ASSERT_NEAR(run[i], alone[i], 1e-6f);
  }
}

}  // namespace
}  // namespace convoy::layer
