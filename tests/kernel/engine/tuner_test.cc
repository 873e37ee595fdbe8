#include "kernel/engine/tuner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "kernel/engine/tile_lengths.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class TunerTest : public ::testing::Test {
 protected:
  TunerTest() { omp_set_num_threads(1); }

  static layer::Conv1DConfig Config() {
    layer::Conv1DConfig config;
    config.filters = 8;
    config.window.kernel_size = 5;
    return config;
  }

  static std::vector<int64_t> Outputs(const std::vector<TunedLength>& tuned) {
    std::vector<int64_t> outputs;
    for (const TunedLength& length : tuned) outputs.push_back(length.outputs);
    return outputs;
  }

  testing::Random random_{1};
  batch::BufferPool pool_{1 << 20};
  Workspace workspace_{pool_};
};

TEST_F(TunerTest, ProbedLengthsAscendToTheLongestWithCandidatesAndCosts) {
  const auto layer = testing::LayerOf(Config(), 2, random_);
  const auto tuned = Tune(*layer, TileLengths(64), {10.0}, workspace_).value();
  EXPECT_THAT(Outputs(tuned), ElementsAre(1, 2, 4, 8, 16, 32, 64));
  for (const TunedLength& length : tuned) {
    EXPECT_THAT(CandidateStatements(*layer), Contains(length.statement));
    EXPECT_GT(length.seconds, 0.0);
    EXPECT_TRUE(std::isfinite(length.seconds));
  }
}

TEST_F(TunerTest, AShortLongestTileIsProbedOnce) {
  const auto layer = testing::LayerOf(Config(), 2, random_);
  EXPECT_THAT(Outputs(Tune(*layer, TileLengths(8), {10.0}, workspace_).value()),
              ElementsAre(1, 2, 4, 8));
}

TEST_F(TunerTest, WithoutABudgetTheDefaultStatementIsStillTimed) {
  const auto layer = testing::LayerOf(Config(), 2, random_);
  const auto tuned = Tune(*layer, TileLengths(64), {0.0}, workspace_).value();
  EXPECT_THAT(Outputs(tuned), ElementsAre(1, 8, 32, 64));
  for (const TunedLength& length : tuned) {
    EXPECT_EQ(length.statement, DefaultStatement(*layer));
    EXPECT_GT(length.seconds, 0.0);
  }
}

TEST_F(TunerTest, OneStatementIsTimedAsItIs) {
  const auto layer = testing::LayerOf(Config(), 2, random_);
  const Statement image{.spatial_dimensions = 2};
  const auto timed = TimeStatement(*layer, 32, image, workspace_).value();
  ASSERT_THAT(Outputs(timed), ElementsAre(32));
  EXPECT_EQ(timed[0].statement, image);
  EXPECT_GT(timed[0].seconds, 0.0);
}

TEST_F(TunerTest, AnExactShapeGetsTheFastestOfTheStatementsThatSuitIt) {
  const auto layer = testing::LayerOf(Config(), 2, random_);
  KernelFactory factory(*layer);
  // Folding does not suit several sequences, the last one does not exist.
  const auto timed =
      TimeExact(factory, {3, 10}, {{.fold = 2}, {}, {.implementation = 99}}, workspace_);
  ASSERT_TRUE(timed.has_value());
  EXPECT_EQ(timed->shape, (TileShape{3, 10}));
  EXPECT_EQ(timed->statement, Statement{});
  EXPECT_GT(timed->seconds, 0.0);
  EXPECT_FALSE(TimeExact(factory, {3, 10}, {{.fold = 2}}, workspace_).has_value());
}

TEST_F(TunerTest, ALayerWithoutABiasIsTuned) {
  layer::Conv1DConfig config = Config();
  config.use_bias = false;
  const auto layer = testing::LayerOf(config, 2, random_);
  EXPECT_TRUE(Tune(*layer, TileLengths(64), {}, workspace_).ok());
}

// There is nothing to compare with, yet the layer must be served.
TEST_F(TunerTest, ALayerWhoseWeightsAreNotFiniteIsTuned) {
  layer::Conv1DConfig config = Config();
  config.use_bias = false;
  std::vector<float> kernel(5 * 2 * 8, 1.0f);
  kernel[3] = std::numeric_limits<float>::infinity();
  kernel[40] = std::numeric_limits<float>::quiet_NaN();
  layer::Conv1DWeights weights;
  weights.kernel = testing::FloatTensor({5, 2, 8}, kernel);
  const auto layer = layer::Conv1D::Build(config, 2, std::move(weights)).value();
  EXPECT_TRUE(Tune(layer, TileLengths(64), {}, workspace_).ok());
}

}  // namespace
}  // namespace convoy::engine
