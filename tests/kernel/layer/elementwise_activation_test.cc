#include "kernel/layer/elementwise_activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernel/support/reference_activation.h"

namespace convoy::layer {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// Every elementwise activation, with parameters unlike any default.
std::vector<Activation> AllKinds() {
  std::vector<Activation> activations;
  for (int kind = 0; kind < static_cast<int>(ActivationKind::kPRelu); ++kind) {
    activations.push_back({.kind = static_cast<ActivationKind>(kind),
                           .negative_slope = 0.3,
                           .max_value = 3.0,
                           .threshold = -0.5,
                           .alpha = 0.7});
  }
  return activations;
}

std::vector<float> Grid() {
  std::vector<float> values;
  for (int i = -4000; i <= 4000; ++i) values.push_back(static_cast<float>(i) * 0.00731f);
  return values;
}

TEST(ElementwiseActivationTest, ReluKeepsNanAndClearsNegatives) {
  std::vector<float> values = {kNan, kInf, -kInf, -1.0f, 0.0f, 2.5f};
  ApplyElementwise(*ActivationFromName("relu"), absl::MakeSpan(values));
  EXPECT_TRUE(std::isnan(values[0]));
  values.erase(values.begin());
  EXPECT_THAT(values, ::testing::ElementsAre(kInf, 0.0f, 0.0f, 0.0f, 2.5f));
}

TEST(ElementwiseActivationTest, LinearLeavesEveryBit) {
  std::vector<float> values = {-0.0f, -3.0f, kInf};
  ApplyElementwise(*ActivationFromName("linear"), absl::MakeSpan(values));
  EXPECT_TRUE(std::signbit(values[0]));
  EXPECT_THAT(values, ::testing::ElementsAre(-0.0f, -3.0f, kInf));
}

TEST(ElementwiseActivationTest, NoOtherActivationIsTheIdentity) {
  for (const Activation& activation : AllKinds()) {
    std::vector<float> values = Grid();
    ApplyElementwise(activation, absl::MakeSpan(values));
    EXPECT_EQ(values == Grid(), activation.kind == ActivationKind::kLinear)
        << ActivationName(activation);
  }
}

TEST(ElementwiseActivationTest, DoubleIsTheReference) {
  for (const Activation& activation : AllKinds()) {
    const std::vector<float> grid = Grid();
    std::vector<double> values(grid.begin(), grid.end());
    ApplyElementwise(activation, absl::MakeSpan(values));
    for (size_t i = 0; i < grid.size(); ++i) {
      const double exact = testing::ReferenceElementwise(activation, grid[i]);
      const double scale = std::max(std::fabs(exact), std::fabs(double{grid[i]}));
      ASSERT_NEAR(values[i], exact, 1e-15 * std::max(scale, 1.0))
          << ActivationName(activation) << " at " << grid[i];
    }
  }
}

TEST(ElementwiseActivationTest, FloatIsWithinAFewLastPlacesOfTheReference) {
  for (const Activation& activation : AllKinds()) {
    const std::vector<float> grid = Grid();
    std::vector<float> values = grid;
    ApplyElementwise(activation, absl::MakeSpan(values));
    for (size_t i = 0; i < grid.size(); ++i) {
      const double exact = testing::ReferenceElementwise(activation, grid[i]);
      // A function that cancels is as good as its input allows.
      const double scale = std::max(std::fabs(exact), 0.2 * std::fabs(double{grid[i]}));
      ASSERT_NEAR(values[i], exact, 1e-6 * scale + 1e-7 * (std::fabs(exact) < 1))
          << ActivationName(activation) << " at " << grid[i];
    }
  }
}

TEST(ElementwiseActivationTest, ARunOfAnyLengthIsTreatedAsItsElements) {
  const Activation gelu = *ActivationFromName("gelu");
  for (size_t length = 0; length < 40; ++length) {
    std::vector<float> run;
    for (size_t i = 0; i < length; ++i) run.push_back(static_cast<float>(i) * 0.37f - 5.0f);
    std::vector<float> alone = run;
    ApplyElementwise(gelu, absl::MakeSpan(run));
    for (float& value : alone) ApplyElementwise(gelu, absl::MakeSpan(&value, 1));
    for (size_t i = 0; i < length; ++i) ASSERT_NEAR(run[i], alone[i], 1e-6f);
  }
}

TEST(ElementwiseActivationDeathTest, AnActivationThatIsNotElementwiseEndsTheProcess) {
  std::vector<float> values = {1.0f};
  EXPECT_DEATH(ApplyElementwise(*ActivationFromName("softmax"), absl::MakeSpan(values)), "");
}

}  // namespace
}  // namespace convoy::layer
