#include "kernel/layer/regularizer.h"

#include <gtest/gtest.h>

#include <vector>

namespace convoy::layer {
namespace {

double PenaltyOf(const Regularizer& regularizer) {
  return Penalty(regularizer, {3}, std::vector<double>{1, -2, 3}).value();
}

TEST(RegularizerTest, PenaltiesSumAbsolutesAndSquares) {
  EXPECT_NEAR(PenaltyOf({.l1 = 0.01}), 0.06, 1e-12);
  EXPECT_NEAR(PenaltyOf({.l2 = 0.01}), 0.14, 1e-12);
  EXPECT_NEAR(PenaltyOf({.l1 = 1, .l2 = 2}), 34.0, 1e-12);
  EXPECT_EQ(PenaltyOf({.kind = RegularizerKind::kAbstract}), 0.0);
}

TEST(RegularizerTest, TheLossOfAnOrthogonalOneIsAnError) {
  const Regularizer orthogonal = {.kind = RegularizerKind::kOrthogonal};
  EXPECT_EQ(Penalty(orthogonal, {3, 1, 2}, std::vector<double>(6)).status().message(),
            "Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape=(3, 1, 2)");
}

}  // namespace
}  // namespace convoy::layer
