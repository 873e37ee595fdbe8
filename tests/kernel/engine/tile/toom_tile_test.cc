#include "kernel/engine/tile/toom_tile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tile/tile_factory.h"
#include "tests/kernel/support/hard_values.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/support/scale.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::Draw;
using ::convoy::testing::kHardKernels;
using ::convoy::testing::kHardSignals;
using ::convoy::testing::Kind;
using ::convoy::testing::Random;
using ::convoy::testing::Values;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Size {
  int64_t channels = 32;
  int64_t filters = 32;
  int64_t taps = 3;
  int64_t dilation_rate = 1;
  int points = 6;
};

std::shared_ptr<const layer::Conv1D> MakeLayer(const Size& size, const Values& values,
                                               Random& random) {
  layer::Conv1DConfig config;
  config.filters = size.filters;
  config.use_bias = false;
  config.window.kernel_size = size.taps;
  config.window.dilation_rate = size.dilation_rate;
  layer::Conv1DWeights weights;
  weights.kernel = testing::FloatTensor(
      {size.taps, size.channels, size.filters},
      testing::DrawKernel(values, size.taps, size.channels, size.filters, random));
  return std::make_shared<const layer::Conv1D>(
      *layer::Conv1D::Build(config, size.channels, std::move(weights)));
}

class ToomTileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HasAvx2()) GTEST_SKIP() << "needs AVX2";
  }

  // The worst error over the sum of absolute products; infinity where an output is zero
  // and should not be, or the other way round.
  static double WorstError(const layer::Conv1D& layer, const std::vector<float>& source,
                           const std::vector<float>& target, int64_t outputs) {
    const int64_t channels = layer.input_channels();
    const int64_t filters = layer.config().filters;
    const layer::Window& window = layer.config().window;
    double worst = 0;
    std::vector<double> sum(filters);
    std::vector<double> magnitude(filters);
    for (int64_t t = 0; t < outputs; ++t) {
      std::fill(sum.begin(), sum.end(), 0.0);
      std::fill(magnitude.begin(), magnitude.end(), 0.0);
      for (int64_t k = 0; k < window.kernel_size; ++k) {
        for (int64_t c = 0; c < channels; ++c) {
          const double x = source[(t + k * window.dilation_rate) * channels + c];
          const float* const weights = layer.kernel().data() + (k * channels + c) * filters;
          for (int64_t f = 0; f < filters; ++f) {
            sum[f] += x * weights[f];
            magnitude[f] += std::abs(x * weights[f]);
          }
        }
      }
      for (int64_t f = 0; f < filters; ++f) {
        // What float32 cannot say is not asked for.
        const double error = std::abs(target[t * filters + f] - sum[f]) - 1e-43;
        if (error > 0) worst = std::max(worst, error / magnitude[f]);
        if (std::isnan(error)) worst = kInfinity;
      }
    }
    return worst;
  }

  TileScratch scratch_;
};

// The promise, whatever is convolved with whatever.
TEST_F(ToomTileTest, EveryOutputIsWithinRoundingOfItsOwnSum) {
  const Size sizes[] = {{.taps = 3, .points = 6},
                        {.channels = 64, .filters = 40, .taps = 5, .points = 8},
                        {.taps = 3, .dilation_rate = 3, .points = 4},
                        {.channels = 72, .taps = 2, .points = 6}};
  Random random(19);
  uint64_t blocks = 0;
  uint64_t fell_back = 0;
  for (const Size& size : sizes) {
    for (const Kind& kernel : kHardKernels) {
      const auto layer = MakeLayer(size, kernel.values, random);
      TileFactory factory(*layer);
      const int64_t outputs = Between(random, 60, 130);
      const auto tile = factory.Create({.points = size.points}, {1, outputs});
      if (!tile.ok()) continue;  // left to the direct convolution altogether
      for (const Kind& signal : kHardSignals) {
        const std::vector<float> source =
            Draw(signal.values, (*tile)->source_frames(), size.channels, random);
        std::vector<float> target(outputs * size.filters, kNan);
        ASSERT_TRUE((*tile)->Run(source.data(), target.data(), scratch_).ok());
        EXPECT_LE(WorstError(*layer, source, target, outputs), 1e-5)
            << size.points << " points, " << size.taps << " taps, kernel: " << kernel.name
            << ", signal: " << signal.name;
      }
      blocks += factory.counts().blocks;
      fell_back += factory.counts().fell_back;
    }
  }
  // Some of all this is ordinary.
  EXPECT_GT(fell_back, 0u);
  EXPECT_GT(blocks - fell_back, blocks / 10);
}

TEST_F(ToomTileTest, NoiseDoesNotFallBackAndASpoiledBlockDoesAlone) {
  for (const Size& size : {Size{.channels = 64, .filters = 64, .taps = 3, .points = 6},
                           Size{.channels = 64, .filters = 128, .taps = 5, .points = 8}}) {
    Random random(7);
    const auto layer = MakeLayer(size, kHardKernels[1].values, random);
    TileFactory factory(*layer);
    const auto tile = factory.Create({.points = size.points}, {1, 512}).value();
    const auto source = Draw(kHardSignals[0].values, tile->source_frames(), size.channels, random);
    std::vector<float> target(512 * size.filters);
    ASSERT_TRUE(tile->Run(source.data(), target.data(), scratch_).ok());
    EXPECT_GT(factory.counts().blocks, 0u);
    EXPECT_EQ(factory.counts().fell_back, 0u);
    auto spoiled = source;
    spoiled[10 * size.channels] = 1e10f;
    ASSERT_TRUE(tile->Run(spoiled.data(), target.data(), scratch_).ok());
    EXPECT_EQ(factory.counts().fell_back, 1u);
  }
}

TEST_F(ToomTileTest, FallsBackAtOnceWhereSamplesDoNotPass) {
  Random random(9);
  const Size size{.channels = 64, .filters = 64};
  const auto layer = MakeLayer(size, kHardKernels[1].values, random);
  TileFactory factory(*layer);
  const auto tile = factory.Create({.points = 6}, {1, 1024}).value();
  const auto source = Draw(kHardSignals[12].values, tile->source_frames(), size.channels, random);
  std::vector<float> target(1024 * size.filters);
  ASSERT_TRUE(tile->Run(source.data(), target.data(), scratch_).ok());
  EXPECT_GT(factory.counts().blocks, 1u);
  EXPECT_EQ(factory.counts().fell_back, factory.counts().blocks);
  EXPECT_GE(AllBlockCounts().fell_back, factory.counts().fell_back);
  EXPECT_GE(AllBlockCounts().blocks, factory.counts().blocks);
  EXPECT_LE(WorstError(*layer, source, target, 1024), 1e-5);
}

// As in Keras: the windows that see it, and no other.
TEST_F(ToomTileTest, InfinitiesAndNanStayInTheirOwnWindows) {
  const Size size{.taps = 3, .dilation_rate = 2};
  Random random(3);
  const auto layer = MakeLayer(size, kHardKernels[1].values, random);
  TileFactory factory(*layer);
  const auto tile = factory.Create({.points = 6}, {1, 100}).value();
  for (const float odd : {kInfinity, -kInfinity, kNan}) {
    for (const int64_t at : {0, 1, 50, 103}) {
      auto source = Draw(kHardSignals[0].values, tile->source_frames(), size.channels, random);
      source[at * size.channels + 5] = odd;
      std::vector<float> target(100 * size.filters);
      ASSERT_TRUE(tile->Run(source.data(), target.data(), scratch_).ok());
      for (int64_t t = 0; t < 100; ++t) {
        const bool sees = t == at || t + 2 == at || t + 4 == at;
        EXPECT_EQ(std::isfinite(target[t * size.filters]), !sees) << odd << " " << at << " " << t;
      }
    }
  }
}

// It may be another caller's: not one bit of the outputs before it may change.
TEST_F(ToomTileTest, WhatLiesBehindTheWantedOutputsDoesNotTouchThem) {
  for (const int64_t dilation : {1, 3}) {
    const Size size{.taps = 3, .dilation_rate = dilation};
    Random random(4);
    const auto layer = MakeLayer(size, kHardKernels[1].values, random);
    TileFactory factory(*layer);
    const auto tile = factory.Create({.points = 6}, {1, 120}).value();
    const auto source = Draw(kHardSignals[0].values, tile->source_frames(), size.channels, random);
    for (const int64_t wanted : {1, 2, 50, 51, 119}) {
      std::vector<float> expected(120 * size.filters);
      ASSERT_TRUE(tile->RunFirst(wanted, source.data(), expected.data(), scratch_).ok());
      const uint64_t fell_back = factory.counts().fell_back;
      for (const float other : {0.0f, 1e6f, kNan}) {
        auto changed = source;
        std::fill(changed.begin() + (wanted + 2 * dilation) * size.channels, changed.end(), other);
        std::vector<float> target(120 * size.filters);
        ASSERT_TRUE(tile->RunFirst(wanted, changed.data(), target.data(), scratch_).ok());
        EXPECT_TRUE(
            std::equal(target.begin(), target.begin() + wanted * size.filters, expected.begin()))
            << wanted << " of dilation " << dilation << ", then " << other;
      }
      EXPECT_EQ(factory.counts().fell_back, fell_back);
    }
  }
}

TEST_F(ToomTileTest, EveryLengthDilationAndNumberOfFiltersIsCovered) {
  Random random(5);
  for (int round = 0; round < testing::Scaled(60, 600); ++round) {
    Size size;
    size.points = 2 * static_cast<int>(Between(random, 2, 4));
    size.taps = Between(random, 2, std::min(size.points - 1, 7));
    size.channels = 8 * Between(random, 1, 12);
    size.filters = 8 * Between(random, 1, 6);
    size.dilation_rate = Between(random, 0, 2) == 0 ? Between(random, 1, 70) : 1;
    const auto layer = MakeLayer(size, kHardKernels[1].values, random);
    TileFactory factory(*layer);
    const int64_t outputs = Between(random, 1, 200);
    const auto tile = factory.Create({.points = size.points}, {1, outputs});
    if (!tile.ok()) continue;
    const auto source =
        Draw(kHardSignals[0].values, (*tile)->source_frames(), size.channels, random);
    std::vector<float> target(outputs * size.filters, kNan);
    ASSERT_TRUE((*tile)->Run(source.data(), target.data(), scratch_).ok());
    ASSERT_LE(WorstError(*layer, source, target, outputs), 1e-5)
        << size.points << " points, " << size.taps << " taps, " << size.channels << " to "
        << size.filters << ", dilation " << size.dilation_rate << ", " << outputs << " outputs";
  }
}

TEST_F(ToomTileTest, AddsTheBias) {
  Random random(6);
  layer::Conv1DConfig config;
  config.filters = 40;
  config.window.kernel_size = 3;
  const auto layer = testing::LayerOf(config, 32, random);
  TileFactory factory(*layer);
  const auto tile = factory.Create({.points = 6}, {1, 64}).value();
  const std::vector<float> source(tile->source_frames() * 32, 0.0f);
  std::vector<float> target(64 * 40, kNan);
  ASSERT_TRUE(tile->Run(source.data(), target.data(), scratch_).ok());
  for (size_t i = 0; i < target.size(); ++i) EXPECT_EQ(target[i], layer->bias()[i % 40]);
}

TEST_F(ToomTileTest, SaysWhatItIs) {
  Random random(8);
  const auto layer = MakeLayer({.taps = 5}, kHardKernels[1].values, random);
  TileFactory factory(*layer);
  const std::string text = factory.Create({.points = 6}, {1, 64}).value()->Describe();
  EXPECT_TRUE(text.starts_with("F(2, 5)")) << text;
}

}  // namespace
}  // namespace convoy::engine
