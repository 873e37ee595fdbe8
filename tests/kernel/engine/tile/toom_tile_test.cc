#include "kernel/engine/tile/toom_tile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tile/tile_factory.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/support/scale.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::Random;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

float Uniform(Random& random, double low, double high) {
  return static_cast<float>(std::uniform_real_distribution<double>(low, high)(random));
}
float Normal(Random& random) { return std::normal_distribution<float>()(random); }
float Sign(Random& random) { return Between(random, 0, 1) == 0 ? -1.0f : 1.0f; }

// A value of the signal or of the kernel, by frame or tap and channel.
using Values = std::function<float(Random&, int64_t, int64_t)>;
struct Kind {
  const char* name;
  Values values;
};

// Of eight decades, and each frame of two, all channels alike.
float LogUniform(Random& random) { return Sign(random) * std::pow(10.0f, Uniform(random, -4, 4)); }
float Level(int64_t frame, int decades) {
  Random random(static_cast<uint32_t>(frame + 1) * 2654435761u);
  return std::pow(10.0f, Uniform(random, 0, decades));
}

const Kind kSignals[] = {
    {"noise", [](Random& r, int64_t, int64_t) { return Normal(r); }},
    {"rectified", [](Random& r, int64_t, int64_t) { return std::max(0.0f, Normal(r)); }},
    {"sparse", [](Random& r, int64_t, int64_t) { return Between(r, 0, 15) == 0 ? Normal(r) : 0; }},
    {"silence", [](Random&, int64_t, int64_t) { return 0.0f; }},
    {"constant", [](Random&, int64_t, int64_t) { return 0.37f; }},
    {"ramp", [](Random&, int64_t t, int64_t) { return 1e-3f * static_cast<float>(t); }},
    {"exponential ramp",
     [](Random& r, int64_t t, int64_t) {
       return Normal(r) * std::exp2(0.5f * static_cast<float>(t));
     }},
    {"clicks after silence",
     [](Random& r, int64_t t, int64_t) { return t % 37 == 5 ? 1e5f * Normal(r) : 0.0f; }},
    {"clicks over a quiet passage",
     [](Random& r, int64_t t, int64_t) { return (t % 23 == 5 ? 1e5f : 1.0f) * Normal(r); }},
    {"small clicks, alike in all channels",
     [](Random&, int64_t t, int64_t) { return t % 11 == 5 ? 30.0f : 1.0f; }},
    {"frames of two decades, alike in all channels",
     [](Random&, int64_t t, int64_t) { return Level(t, 2); }},
    {"frames of one decade", [](Random& r, int64_t t, int64_t) { return Level(t, 1) * Normal(r); }},
    {"eight decades", [](Random& r, int64_t, int64_t) { return LogUniform(r); }},
    {"one channel", [](Random& r, int64_t, int64_t c) { return c == 3 ? Normal(r) : 0.0f; }},
    {"another channel a frame",
     [](Random& r, int64_t t, int64_t c) { return c == t % 32 ? Normal(r) : 0.0f; }},
    {"denormal", [](Random& r, int64_t, int64_t) { return 1e-41f * Normal(r); }},
    {"hardly normal", [](Random& r, int64_t, int64_t) { return 3e-38f * Normal(r); }},
    {"tiny squares", [](Random& r, int64_t, int64_t) { return 1e-21f * Normal(r); }},
    {"huge squares", [](Random& r, int64_t, int64_t) { return 1e19f * Normal(r); }},
    {"near the largest", [](Random& r, int64_t, int64_t) { return Uniform(r, 1e34, 2e34); }},
};

const Kind kKernels[] = {
    {"noise", [](Random& r, int64_t, int64_t) { return Normal(r); }},
    {"uniform", [](Random& r, int64_t, int64_t) { return Uniform(r, -0.2, 0.2); }},
    {"positive", [](Random& r, int64_t, int64_t) { return Uniform(r, 0.5, 1.5); }},
    {"equal", [](Random&, int64_t, int64_t) { return 0.1f; }},
    {"one tap", [](Random& r, int64_t k, int64_t) { return k == 1 ? Normal(r) : 0.0f; }},
    {"all taps but one", [](Random& r, int64_t k, int64_t) { return k == 1 ? 0.0f : Normal(r); }},
    {"one channel", [](Random& r, int64_t, int64_t c) { return c == 3 ? Normal(r) : 0.0f; }},
    {"all channels but one",
     [](Random& r, int64_t, int64_t c) { return c == 3 ? 0.0f : Normal(r); }},
    {"one large tap",
     [](Random& r, int64_t k, int64_t) { return (k == 0 ? 1e3f : 1.0f) * Normal(r); }},
    {"eight decades", [](Random& r, int64_t, int64_t) { return LogUniform(r); }},
    {"zeros and ones",
     [](Random& r, int64_t, int64_t) { return Between(r, 0, 9) == 0 ? 0.0f : 1.0f; }},
    {"tiny", [](Random& r, int64_t, int64_t) { return 1e-30f * Normal(r); }},
};

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
  std::vector<float> kernel;
  for (int64_t k = 0; k < size.taps; ++k) {
    for (int64_t c = 0; c < size.channels; ++c) {
      for (int64_t f = 0; f < size.filters; ++f) kernel.push_back(values(random, k, c));
    }
  }
  layer::Conv1DWeights weights;
  weights.kernel =
      testing::FloatTensor({size.taps, size.channels, size.filters}, std::move(kernel));
  return std::make_shared<const layer::Conv1D>(
      *layer::Conv1D::Build(config, size.channels, std::move(weights)));
}

std::vector<float> Signal(int64_t frames, int64_t channels, const Values& values, Random& random) {
  std::vector<float> signal;
  for (int64_t t = 0; t < frames; ++t) {
    for (int64_t c = 0; c < channels; ++c) signal.push_back(values(random, t, c));
  }
  return signal;
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
    for (const Kind& kernel : kKernels) {
      const auto layer = MakeLayer(size, kernel.values, random);
      TileFactory factory(*layer);
      const int64_t outputs = Between(random, 60, 130);
      const auto tile = factory.Create({.points = size.points}, {1, outputs});
      if (!tile.ok()) continue;  // left to the direct convolution altogether
      for (const Kind& signal : kSignals) {
        const std::vector<float> source =
            Signal((*tile)->source_frames(), size.channels, signal.values, random);
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
    const auto layer = MakeLayer(size, kKernels[1].values, random);
    TileFactory factory(*layer);
    const auto tile = factory.Create({.points = size.points}, {1, 512}).value();
    const auto source = Signal(tile->source_frames(), size.channels, kSignals[0].values, random);
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
  const auto layer = MakeLayer(size, kKernels[1].values, random);
  TileFactory factory(*layer);
  const auto tile = factory.Create({.points = 6}, {1, 1024}).value();
  const auto source = Signal(tile->source_frames(), size.channels, kSignals[12].values, random);
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
  const auto layer = MakeLayer(size, kKernels[1].values, random);
  TileFactory factory(*layer);
  const auto tile = factory.Create({.points = 6}, {1, 100}).value();
  for (const float odd : {kInfinity, -kInfinity, kNan}) {
    for (const int64_t at : {0, 1, 50, 103}) {
      auto source = Signal(tile->source_frames(), size.channels, kSignals[0].values, random);
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
    const auto layer = MakeLayer(size, kKernels[1].values, random);
    TileFactory factory(*layer);
    const auto tile = factory.Create({.points = 6}, {1, 120}).value();
    const auto source = Signal(tile->source_frames(), size.channels, kSignals[0].values, random);
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
    const auto layer = MakeLayer(size, kKernels[1].values, random);
    TileFactory factory(*layer);
    const int64_t outputs = Between(random, 1, 200);
    const auto tile = factory.Create({.points = size.points}, {1, outputs});
    if (!tile.ok()) continue;
    const auto source = Signal((*tile)->source_frames(), size.channels, kSignals[0].values, random);
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
  const auto layer = MakeLayer({.taps = 5}, kKernels[1].values, random);
  TileFactory factory(*layer);
  const std::string text = factory.Create({.points = 6}, {1, 64}).value()->Describe();
  EXPECT_TRUE(text.starts_with("F(2, 5)")) << text;
}

}  // namespace
}  // namespace convoy::engine
