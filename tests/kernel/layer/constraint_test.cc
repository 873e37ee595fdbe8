#include "kernel/layer/constraint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "absl/status/status.h"

namespace convoy::layer {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

std::vector<double> Project(const json& identifier, std::vector<double> values,
                            const std::vector<int64_t>& shape) {
  const auto constraint = ParseConstraint(identifier);
  EXPECT_TRUE(constraint.ok()) << constraint.status();
  EXPECT_TRUE(ApplyConstraint(*constraint, shape, absl::MakeSpan(values)).ok());
  return values;
}

TEST(ConstraintTest, NonNegClearsNegatives) {
  EXPECT_THAT(Project("non_neg", {-1, 0, 2}, {3}), ElementsAre(0, 0, 2));
}

TEST(ConstraintTest, NormsAreOverTheAxesGiven) {
  // (2, 2): columns (3, 4) and (0, 1).
  const auto columns = Project("unit_norm", {3, 0, 4, 1}, {2, 2});
  EXPECT_NEAR(columns[0], 0.6, 1e-6);
  EXPECT_NEAR(columns[2], 0.8, 1e-6);
  EXPECT_NEAR(columns[3], 1.0, 1e-6);
  const auto rows = Project(json::parse(R"({"class_name": "UnitNorm", "config": {"axis": 1}})"),
                            {3, 0, 4, 3}, {2, 2});
  EXPECT_NEAR(rows[0], 1.0, 1e-6);
  EXPECT_NEAR(rows[2], 0.8, 1e-6);
}

TEST(ConstraintTest, WeightsThatBreakAConstraintAreRefusedByName) {
  const auto constraint = ParseConstraint("non_neg");
  const std::vector<double> good = {0, 1}, bad = {-1, 1}, nan = {NAN, 1};
  EXPECT_TRUE(CheckConstraint(*constraint, "kernel", {2}, good).ok());
  const absl::Status refused = CheckConstraint(*constraint, "kernel", {2}, bad);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("`kernel`"));
  EXPECT_FALSE(CheckConstraint(*constraint, "kernel", {2}, nan).ok());
}

TEST(ConstraintTest, AxesOutsideTheShapeAreRefused) {
  const auto constraint =
      ParseConstraint(json::parse(R"({"class_name": "MaxNorm", "config": {"axis": 3}})"));
  std::vector<double> values = {1, 2};
  EXPECT_FALSE(ApplyConstraint(*constraint, {2}, absl::MakeSpan(values)).ok());
}

TEST(ConstraintTest, NamesWithoutUnderscoreAreThoseOfKeras2) {
  for (const char* name : {"maxnorm", "nonneg", "unitnorm"}) {
    EXPECT_FALSE(ParseConstraint(name).ok()) << name;
    EXPECT_TRUE(ParseConstraint(name, /*keras_major=*/2).ok()) << name;
  }
}

TEST(ConstraintTest, UnknownNamesAreRefusedInKerasWords) {
  EXPECT_EQ(ParseConstraint("nope").status().message(),
            "Could not interpret constraint identifier: nope");
}

}  // namespace
}  // namespace convoy::layer
