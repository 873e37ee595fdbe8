#include "kernel/layer/constraint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "absl/status/status.h"

namespace convoy::layer {
namespace {

using ::testing::ElementsAre;

const Constraint kNonNeg = {.kind = ConstraintKind::kNonNeg};

std::vector<double> Project(const Constraint& constraint, std::vector<double> values,
                            const std::vector<int64_t>& shape) {
  EXPECT_TRUE(ApplyConstraint(constraint, shape, absl::MakeSpan(values)).ok());
  return values;
}

TEST(ConstraintTest, NonNegClearsNegatives) {
  EXPECT_THAT(Project(kNonNeg, {-1, 0, 2}, {3}), ElementsAre(0, 0, 2));
}

TEST(ConstraintTest, NormsAreOverTheAxesGiven) {
  // (2, 2): columns (3, 4) and (0, 1).
  const auto columns =
      Project({.kind = ConstraintKind::kUnitNorm, .axes = {0}}, {3, 0, 4, 1}, {2, 2});
  EXPECT_NEAR(columns[0], 0.6, 1e-6);
  EXPECT_NEAR(columns[2], 0.8, 1e-6);
  EXPECT_NEAR(columns[3], 1.0, 1e-6);
  const auto rows = Project({.kind = ConstraintKind::kUnitNorm, .axes = {1}}, {3, 0, 4, 3}, {2, 2});
  EXPECT_NEAR(rows[0], 1.0, 1e-6);
  EXPECT_NEAR(rows[2], 0.8, 1e-6);
}

TEST(ConstraintTest, WeightsThatBreakAConstraintAreRefusedByName) {
  const std::vector<double> good = {0, 1}, bad = {-1, 1}, nan = {NAN, 1};
  EXPECT_TRUE(CheckConstraint(kNonNeg, "kernel", {2}, good).ok());
  const absl::Status refused = CheckConstraint(kNonNeg, "kernel", {2}, bad);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("`kernel`"));
  EXPECT_FALSE(CheckConstraint(kNonNeg, "kernel", {2}, nan).ok());
}

TEST(ConstraintTest, AxesOutsideTheShapeAreRefused) {
  const Constraint constraint = {.kind = ConstraintKind::kMaxNorm, .max_value = 2, .axes = {3}};
  std::vector<double> values = {1, 2};
  EXPECT_FALSE(ApplyConstraint(constraint, {2}, absl::MakeSpan(values)).ok());
}

}  // namespace
}  // namespace convoy::layer
