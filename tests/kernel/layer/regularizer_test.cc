#include "kernel/layer/regularizer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace convoy::layer {
namespace {

using nlohmann::json;

const std::vector<double> kValues = {1, -2, 3};
const std::vector<int64_t> kShape = {3};

double PenaltyOf(const json& identifier, int keras_major = 3) {
  const auto regularizer = ParseRegularizer(identifier, keras_major);
  EXPECT_TRUE(regularizer.ok()) << regularizer.status();
  return *Penalty(*regularizer, kShape, kValues);
}

TEST(RegularizerTest, PenaltiesSumAbsolutesAndSquares) {
  EXPECT_NEAR(PenaltyOf("l1"), 0.06, 1e-8);
  EXPECT_NEAR(PenaltyOf("l2"), 0.14, 1e-12);
  EXPECT_NEAR(PenaltyOf(json::parse(R"({"class_name": "L1L2", "config": {"l1": 1, "l2": 2}})")),
              34.0, 1e-12);
  EXPECT_EQ(PenaltyOf("regularizer"), 0.0);
}

TEST(RegularizerTest, TheNamesOfBothFactorsDependOnTheVersion) {
  EXPECT_EQ(PenaltyOf("l1l2"), 0.0);
  EXPECT_FALSE(ParseRegularizer("l1_l2", 3).ok());
  EXPECT_NEAR(PenaltyOf("l1_l2", 2), 0.2, 1e-12);
  EXPECT_NEAR(PenaltyOf("l1l2", 2), 0.2, 1e-12);
}

TEST(RegularizerTest, AnOrthogonalOneIsAcceptedAndItsLossIsAnError) {
  const auto regularizer = ParseRegularizer("orthogonal_regularizer", 3);
  ASSERT_TRUE(regularizer.ok());
  EXPECT_EQ(Penalty(*regularizer, {3, 1, 2}, std::vector<double>(6)).status().message(),
            "Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape=(3, 1, 2)");
}

TEST(RegularizerTest, FactorsAreFiniteAndNotNegative) {
  const auto refused =
      ParseRegularizer(json::parse(R"({"class_name": "L2", "config": {"l2": -0.5}})"), 3);
  EXPECT_EQ(refused.status().message(),
            "Invalid value for argument l2: expected a non-negative float.Received: l2=-0.5");
  EXPECT_FALSE(
      ParseRegularizer(json::parse(R"({"class_name": "L2", "config": {"l2": "a"}})"), 3).ok());
}

}  // namespace
}  // namespace convoy::layer
