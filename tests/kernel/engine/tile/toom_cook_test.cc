#include "kernel/engine/tile/toom_cook.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tile/toom_kernels.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

std::vector<ToomCook> All() {
  std::vector<ToomCook> all;
  for (const int points : {4, 6, 8}) {
    for (int taps = 2; taps < points; ++taps) all.emplace_back(points, taps);
  }
  return all;
}

TEST(ToomCookTest, GivesTheConvolution) {
  testing::Random random(1);
  for (const ToomCook& cook : All()) {
    const std::vector<float> x = testing::RandomFloats(random, cook.points);
    const std::vector<float> w = testing::RandomFloats(random, cook.taps);
    ASSERT_EQ(cook.outputs, cook.points - cook.taps + 1);
    for (int p = 0; p < cook.outputs; ++p) {
      double expected = 0;
      for (int k = 0; k < cook.taps; ++k) expected += double{w[k]} * double{x[p + k]};
      double y = 0;
      for (int i = 0; i < cook.points; ++i) {
        double v = 0;
        double u = 0;
        for (int j = 0; j < cook.points; ++j) v += cook.source[i][j] * double{x[j]};
        for (int k = 0; k < cook.taps; ++k) u += cook.kernel[i][k] * double{w[k]};
        y += cook.results[p][i] * v * u;
      }
      EXPECT_NEAR(y, expected, 1e-12) << cook.points << " points, " << cook.taps << " taps";
    }
  }
}

TEST(ToomCookTest, KnowsItsSetsOfPoints) {
  for (const int points : {4, 6, 8}) EXPECT_TRUE(ToomCook::HasPoints(points));
  for (const int points : {0, 2, 3, 5, 7, 9, 10}) EXPECT_FALSE(ToomCook::HasPoints(points));
}

class ToomKernelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HasAvx2()) GTEST_SKIP() << "needs AVX2";
  }
};

// Unit vectors through the loops give the columns of the matrices.
TEST_F(ToomKernelsTest, TransformsAreTheMatrices) {
  for (const ToomCook& cook : All()) {
    for (int j = 0; j < cook.points; ++j) {
      const std::vector<float> zeros(16, 0.0f);
      const std::vector<float> ones(16, 1.0f);
      std::array<const float*, ToomCook::kMostPoints> frames;
      frames.fill(zeros.data());
      frames[j] = ones.data();
      std::vector<float> to(8 * 20, 99.0f);
      std::array<float, ToomCook::kMostPoints> squares;
      TransformFrames(cook.points, frames.data(), 16, to.data(), 20, squares.data());
      for (int i = 0; i < cook.points; ++i) {
        const float expected = static_cast<float>(cook.source[i][j]);
        for (int c = 0; c < 16; ++c) EXPECT_EQ(to[i * 20 + c], expected);
        EXPECT_EQ(squares[i], 16 * expected * expected);
      }
      std::vector<float> products(8 * 16, 0.0f);
      std::fill_n(products.begin() + j * 16, 16, 1.0f);
      std::vector<float> outputs(8 * 16, 99.0f);
      std::array<float*, ToomCook::kMostPoints> results;
      for (int p = 0; p < cook.outputs; ++p) results[p] = outputs.data() + p * 16;
      const std::vector<float> bias(16, 3.0f);
      TransformProducts(cook.points, cook.outputs, products.data(), 16, bias.data(), false,
                        results.data());
      for (int p = 0; p < cook.outputs; ++p) {
        const float expected = static_cast<float>(cook.results[p][j]) + 3.0f;
        for (int f = 0; f < 16; ++f) EXPECT_EQ(outputs[p * 16 + f], expected);
      }
    }
  }
}

TEST_F(ToomKernelsTest, WritesWhatIsWantedAlone) {
  const std::vector<float> products(6 * 16, 1.0f);
  std::vector<float> outputs(4 * 16, 99.0f);
  std::array<float*, ToomCook::kMostPoints> results = {outputs.data(), nullptr, outputs.data() + 32,
                                                       nullptr};
  TransformProducts(6, 4, products.data(), 16, nullptr, /*half=*/true, results.data());
  for (int f = 0; f < 64; ++f) {
    const bool written = f < 8 || (f >= 32 && f < 40);
    EXPECT_EQ(outputs[f] != 99.0f, written) << f;
  }
}

TEST_F(ToomKernelsTest, SumsMagnitudesAndSquares) {
  const std::vector<float> frame = {1, -2, 3, -4, 5, -6, 7, -8, 1, 1, 1, 1, -1, -1, -1, -1};
  float sum = 0;
  float squares = 0;
  FrameSums(frame.data(), 16, sum, squares);
  EXPECT_EQ(sum, 44);
  EXPECT_EQ(squares, 212);
}

// Integers, so that every order of adding gives the same.
TEST_F(ToomKernelsTest, MultipliesAnyNumberOfChannels) {
  for (const int64_t channels : {8, 32, 40, 64, 104}) {
    std::vector<float> from(kToomGroups * channels);
    std::vector<float> panel(channels * kToomFilters);
    for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i % 7) - 3;
    for (size_t i = 0; i < panel.size(); ++i) panel[i] = static_cast<float>(i % 11) - 5;
    std::vector<float> to(kToomGroups * kToomFilters, 99.0f);
    MultiplyPanel(from.data(), channels, panel.data(), to.data());
    for (int64_t g = 0; g < kToomGroups; ++g) {
      for (int64_t f = 0; f < kToomFilters; ++f) {
        float expected = 0;
        for (int64_t c = 0; c < channels; ++c) {
          expected += from[g * channels + c] * panel[c * kToomFilters + f];
        }
        EXPECT_EQ(to[g * kToomFilters + f], expected) << channels;
      }
    }
  }
}

}  // namespace
}  // namespace convoy::engine
