#include "kernel/keras/regularizer_json.h"

#include <gtest/gtest.h>

#include <utility>

namespace convoy::keras {
namespace {

using nlohmann::json;

// "l1 l2" of what is read.
std::pair<double, double> Factors(const json& value, int keras_major = 3) {
  const auto regularizer = ParseRegularizer(value, keras_major);
  EXPECT_TRUE(regularizer.ok()) << regularizer.status();
  return {regularizer->l1, regularizer->l2};
}

TEST(RegularizerJsonTest, NamesAndObjectsGiveTheirFactors) {
  EXPECT_EQ(Factors("l1"), std::pair(double{0.01f}, 0.0));
  EXPECT_EQ(Factors("l2"), std::pair(0.0, 0.01));
  EXPECT_EQ(Factors(json::parse(R"({"class_name": "L1L2", "config": {"l1": 1, "l2": 2}})")),
            std::pair(1.0, 2.0));
  EXPECT_EQ(Factors("regularizer"), std::pair(0.0, 0.0));
  EXPECT_EQ(ParseRegularizer("orthogonal_regularizer", 3)->kind,
            layer::RegularizerKind::kOrthogonal);
}

TEST(RegularizerJsonTest, TheNamesOfBothFactorsDependOnTheVersion) {
  EXPECT_EQ(Factors("l1l2"), std::pair(0.0, 0.0));
  EXPECT_FALSE(ParseRegularizer("l1_l2", 3).ok());
  EXPECT_EQ(Factors("l1_l2", 2), std::pair(0.01, 0.01));
  EXPECT_EQ(Factors("l1l2", 2), std::pair(0.01, 0.01));
}

TEST(RegularizerJsonTest, FactorsAreFiniteAndNotNegative) {
  const auto refused =
      ParseRegularizer(json::parse(R"({"class_name": "L2", "config": {"l2": -0.5}})"), 3);
  EXPECT_EQ(refused.status().message(),
            "Invalid value for argument l2: expected a non-negative float.Received: l2=-0.5");
  EXPECT_FALSE(
      ParseRegularizer(json::parse(R"({"class_name": "L2", "config": {"l2": "a"}})"), 3).ok());
}

}  // namespace
}  // namespace convoy::keras
