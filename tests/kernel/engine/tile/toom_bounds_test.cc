#include "kernel/engine/tile/toom_bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Random;

constexpr int64_t kChannels = 24;
constexpr int64_t kFilters = 5;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class ToomBoundsTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const layer::Conv1D> LayerWith(std::vector<float> kernel) {
    layer::Conv1DConfig config;
    config.filters = kFilters;
    config.use_bias = false;
    config.window.kernel_size = 3;
    layer::Conv1DWeights weights;
    weights.kernel = testing::FloatTensor({3, kChannels, kFilters}, std::move(kernel));
    return std::make_shared<const layer::Conv1D>(
        *layer::Conv1D::Build(config, kChannels, std::move(weights)));
  }
  static ToomBounds BoundsOf(const layer::Conv1D& layer) {
    return {ToomCook(6, 3), Problem(layer), kFilters};
  }
  static ToomBounds::Frame Measure(const ToomBounds& bounds, const std::vector<float>& x) {
    float sum = 0;
    float squares = 0;
    for (const float value : x) {
      sum += std::abs(value);
      squares += value * value;
    }
    ToomBounds::Frame frame;
    bounds.Measure(sum, squares, frame);
    return frame;
  }
  std::vector<float> Kernel() { return testing::RandomFloats(random_, 3 * kChannels * kFilters); }

  static bool Passes(const ToomBounds& bounds, const std::array<ToomBounds::Frame, 6>& frames) {
    std::array<const ToomBounds::Frame*, 6> each;
    for (int j = 0; j < 6; ++j) each[j] = &frames[j];
    std::array<float, ToomCook::kMostPoints> squares = {};
    for (int i = 0; i < 6; ++i) squares[i] = frames[i].norm * frames[i].norm;
    return bounds.Pass(squares.data(), each.data(), 4);
  }

  Random random_{2};
};

TEST_F(ToomBoundsTest, AFramesNormIsNotLessThanItIsWhereSquaresUnderflow) {
  const ToomBounds bounds = BoundsOf(*LayerWith(Kernel()));
  for (const float value : {1.0f, 1e-10f, 1e-18f, 1e-25f, 1e-40f}) {
    const auto frame = Measure(bounds, std::vector<float>(kChannels, value));
    EXPECT_GE(frame.norm, value * std::sqrt(float{kChannels}) * 0.999f) << value;
  }
}

TEST_F(ToomBoundsTest, EqualFramesPassAndAQuietOneBesideALoudOneDoesNot) {
  const auto layer = LayerWith(Kernel());
  const ToomBounds bounds = BoundsOf(*layer);
  EXPECT_TRUE(bounds.Suits());
  const auto loud = Measure(bounds, std::vector<float>(kChannels, 1.0f));
  const auto quiet = Measure(bounds, std::vector<float>(kChannels, 1e-5f));
  EXPECT_TRUE(Passes(bounds, {loud, loud, loud, loud, loud, loud}));
  EXPECT_TRUE(Passes(bounds, {quiet, quiet, quiet, quiet, quiet, quiet}));
  EXPECT_FALSE(Passes(bounds, {quiet, quiet, quiet, loud, quiet, quiet}));
  EXPECT_FALSE(Passes(bounds, {quiet, quiet, loud, quiet, quiet, quiet}));
}

TEST_F(ToomBoundsTest, SilencePassesByItselfAndNotBesideAnything) {
  const ToomBounds bounds = BoundsOf(*LayerWith(Kernel()));
  const auto& silence = bounds.silence();
  const auto loud = Measure(bounds, std::vector<float>(kChannels, 1.0f));
  EXPECT_TRUE(Passes(bounds, {silence, silence, silence, silence, silence, silence}));
  EXPECT_FALSE(Passes(bounds, {silence, silence, silence, loud, silence, silence}));
  EXPECT_FALSE(Passes(bounds, {silence, silence, loud, silence, silence, silence}));
}

TEST_F(ToomBoundsTest, WhatIsNotFiniteOrHasNotItsFullPrecisionDoesNotPass) {
  const ToomBounds bounds = BoundsOf(*LayerWith(Kernel()));
  for (const float value : {kInfinity, -kInfinity, kNan, 1e20f, 3e38f, 1e-30f, 1e-40f}) {
    const auto odd = Measure(bounds, std::vector<float>(kChannels, value));
    EXPECT_FALSE(Passes(bounds, {odd, odd, odd, odd, odd, odd})) << value;
  }
}

TEST_F(ToomBoundsTest, UnequalWeightsDoNotSuit) {
  std::vector<float> one_tap = Kernel();
  std::fill(one_tap.begin() + kChannels * kFilters, one_tap.end(), 0.0f);
  EXPECT_FALSE(BoundsOf(*LayerWith(one_tap)).Suits());
  for (const float odd : {kInfinity, kNan, 1e30f}) {
    std::vector<float> kernel = Kernel();
    kernel[7] = odd;
    EXPECT_FALSE(BoundsOf(*LayerWith(kernel)).Suits()) << odd;
  }
  std::vector<float> tiny = Kernel();
  for (float& weight : tiny) weight *= 1e-20f;
  EXPECT_FALSE(BoundsOf(*LayerWith(tiny)).Suits());
}

// Filters count by their own sizes, and one of zeros not at all.
TEST_F(ToomBoundsTest, SmallFiltersBesideLargeOnesAndFiltersOfZerosSuit) {
  std::vector<float> kernel = Kernel();
  for (size_t i = 0; i < kernel.size(); i += kFilters) {
    kernel[i] *= 1e-6f;
    kernel[i + 1] *= 1e6f;
    kernel[i + 2] = 0;
  }
  EXPECT_TRUE(BoundsOf(*LayerWith(kernel)).Suits());
}

}  // namespace
}  // namespace convoy::engine
