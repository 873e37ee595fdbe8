#include "kernel/layer/initializer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace convoy::layer {
namespace {

std::vector<double> Make(const Initializer& initializer, const std::vector<int64_t>& shape,
                         uint64_t stream = 0) {
  const auto values = Initialize(initializer, shape, stream);
  EXPECT_TRUE(values.ok()) << values.status();
  return *values;
}

Initializer HeNormal(std::optional<int64_t> seed = std::nullopt) {
  return {.kind = InitializerKind::kVarianceScaling, .scale = 2.0, .seed = seed};
}

Initializer GlorotUniform() {
  return {.kind = InitializerKind::kVarianceScaling,
          .mode = FanMode::kFanAvg,
          .distribution = Distribution::kUniform};
}

// How far the rows (or columns, if fewer) are from orthonormal.
double OrthogonalityError(const std::vector<double>& values, int64_t rows, int64_t columns) {
  const bool by_rows = rows < columns;
  const int64_t count = by_rows ? rows : columns, length = by_rows ? columns : rows;
  double worst = 0.0;
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < count; ++j) {
      double dot = 0.0;
      for (int64_t k = 0; k < length; ++k) {
        dot += by_rows ? values[i * columns + k] * values[j * columns + k]
                       : values[k * columns + i] * values[k * columns + j];
      }
      worst = std::max(worst, std::fabs(dot - (i == j ? 1.0 : 0.0)));
    }
  }
  return worst;
}

TEST(InitializerTest, ASeedGivesTheSameValuesAndAnotherSeedOthers) {
  const Initializer one = HeNormal(1), two = HeNormal(2);
  EXPECT_EQ(Make(one, {3, 4, 5}), Make(one, {3, 4, 5}));
  EXPECT_EQ(Make(one, {3, 4, 5}, 0), Make(one, {3, 4, 5}, 1));
  EXPECT_NE(Make(one, {3, 4, 5}), Make(two, {3, 4, 5}));
}

TEST(InitializerTest, WithoutASeedVariablesDifferButRunsDoNot) {
  EXPECT_EQ(Make(HeNormal(), {3, 4, 5}), Make(HeNormal(), {3, 4, 5}));
  EXPECT_NE(Make(HeNormal(), {3, 4, 5}, 0), Make(HeNormal(), {3, 4, 5}, 1));
}

TEST(InitializerTest, OrthogonalIsOrthonormalWhicheverSideIsLonger) {
  EXPECT_LT(
      OrthogonalityError(Make(Initializer{.kind = InitializerKind::kOrthogonal}, {5, 4, 8}), 20, 8),
      1e-12);
  EXPECT_LT(OrthogonalityError(Make(Initializer{.kind = InitializerKind::kOrthogonal}, {2, 3, 17}),
                               6, 17),
            1e-12);
  const auto scaled =
      Make({.kind = InitializerKind::kOrthogonal, .gain = 3.0, .seed = 5}, {1, 1, 1});
  EXPECT_NEAR(std::fabs(scaled[0]), 3.0, 1e-12);
}

TEST(InitializerTest, TruncatedLawsEndAtTwoDeviations) {
  const auto values =
      Make({.kind = InitializerKind::kTruncatedNormal, .mean = 1.0, .stddev = 0.5}, {100000});
  EXPECT_LE(*std::max_element(values.begin(), values.end()), 2.0);
  EXPECT_GE(*std::min_element(values.begin(), values.end()), 0.0);
  EXPECT_GT(*std::max_element(values.begin(), values.end()), 1.98);
}

TEST(InitializerTest, UniformLawsStayInTheirRange) {
  const auto values =
      Make({.kind = InitializerKind::kRandomUniform, .minval = 2, .maxval = 3}, {10000});
  EXPECT_GE(*std::min_element(values.begin(), values.end()), 2.0);
  EXPECT_LT(*std::max_element(values.begin(), values.end()), 3.0);
  // K = 5, C = 16, F = 64: sqrt(6 / (80 + 320)).
  const auto glorot = Make(GlorotUniform(), {5, 16, 64});
  EXPECT_NEAR(*std::max_element(glorot.begin(), glorot.end()), 0.1224745, 0.001);
  EXPECT_LE(*std::max_element(glorot.begin(), glorot.end()), 0.1224745);
}

TEST(InitializerTest, MoreThanWhatMemoryAndTimeAllowIsRefused) {
  EXPECT_FALSE(Initialize({}, {(int64_t{1} << 26) + 1}, 0).ok());
  const Initializer orthogonal = {.kind = InitializerKind::kOrthogonal};
  // 2^13 orthonormal columns of 2^13 rows: minutes.
  const auto refused = Initialize(orthogonal, {1, 1 << 13, 1 << 13}, 0);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(refused.status().message(),
            "Orthogonal: expected a matrix whose rows x columns^2 are at most 2^33, got "
            "8192 x 8192. Bring the weights in a file.");
}

TEST(InitializerTest, AxesReplaceTheFans) {
  // Fans 4 and 16: limit sqrt(6 / 20).
  Initializer axes = GlorotUniform();
  axes.input_axes = {1};
  axes.output_axes = {-1};
  const auto values = Make(axes, {100, 4, 16});
  EXPECT_NEAR(*std::max_element(values.begin(), values.end()), std::sqrt(0.3), 0.002);
}

TEST(InitializerTest, LawsThatDoNotFitAreRefusedInKerasWords) {
  const auto refuse = [](InitializerKind kind, const std::vector<int64_t>& shape) {
    const auto values = Initialize({.kind = kind}, shape, 0);
    EXPECT_EQ(values.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(values.status().message());
  };
  EXPECT_EQ(refuse(InitializerKind::kIdentity, {5, 16, 64}),
            "Identity matrix initializer can only be used for 2D matrices. Received: "
            "shape=(5, 16, 64) of rank 3.");
  EXPECT_EQ(refuse(InitializerKind::kOrthogonal, {4}),
            "The tensor to initialize must be at least two-dimensional. Received: shape=(4,) of "
            "rank 1.");
  EXPECT_FALSE(refuse(InitializerKind::kAbstract, {4}).empty());
  EXPECT_FALSE(refuse(InitializerKind::kStft, {4, 2, 3}).empty());
  EXPECT_FALSE(refuse(InitializerKind::kConstant, {int64_t{1} << 40, int64_t{1} << 40}).empty());
}

}  // namespace
}  // namespace convoy::layer
