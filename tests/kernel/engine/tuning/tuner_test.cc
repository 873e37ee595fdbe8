#include "kernel/engine/tuning/tuner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "kernel/engine/plan/tile_lengths.h"
#include "tests/kernel/engine/tuning/small_config.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

class TunerTest : public ::testing::Test {
 protected:
  static std::vector<int64_t> Outputs(const std::vector<TimedTile>& tuned) {
    std::vector<int64_t> outputs;
    for (const TimedTile& tile : tuned) outputs.push_back(tile.shape.outputs);
    return outputs;
  }

  testing::Random random_{1};
  TileScratch scratch_;
};

TEST_F(TunerTest, ProbedLengthsAscendToTheLongestWithCandidatesAndCosts) {
  const auto layer = testing::LayerOf(SmallConfig(), 2, random_);
  const auto tuned = Tune(*layer, 64, {10.0}, scratch_).value().best;
  EXPECT_THAT(Outputs(tuned), ElementsAre(1, 2, 4, 8, 16, 32, 64));
  for (const TimedTile& tile : tuned) {
    EXPECT_EQ(tile.shape.sequences, 1);
    EXPECT_THAT(CandidateStatements(*layer), Contains(tile.statement));
    EXPECT_GT(tile.seconds, 0.0);
    EXPECT_TRUE(std::isfinite(tile.seconds));
  }
  EXPECT_THAT(TileLengths(64), IsSupersetOf(Outputs(tuned)));
}

TEST_F(TunerTest, AShortLongestTileIsProbedOnce) {
  const auto layer = testing::LayerOf(SmallConfig(), 2, random_);
  EXPECT_THAT(Outputs(Tune(*layer, 8, {10.0}, scratch_).value().best), ElementsAre(1, 2, 4, 8));
}

TEST_F(TunerTest, TimeSpentInPausesIsNoneOfTheBudget) {
  const auto layer = testing::LayerOf(SmallConfig(), 2, random_);
  bool paused = false;
  const auto pause = [&paused] {
    if (!std::exchange(paused, true)) std::this_thread::sleep_for(std::chrono::seconds(1));
    return true;
  };
  // The pause alone takes all of the budget.
  const auto tuned = Tune(*layer, 64, {1.0, pause}, scratch_).value().best;
  EXPECT_THAT(Outputs(tuned), ElementsAre(1, 2, 4, 8, 16, 32, 64));
}

TEST_F(TunerTest, EndsWhenAPauseSaysSo) {
  const auto layer = testing::LayerOf(SmallConfig(), 2, random_);
  EXPECT_TRUE(absl::IsCancelled(Tune(*layer, 64, {10.0, [] { return false; }}, scratch_).status()));
}

TEST_F(TunerTest, WithoutABudgetTheDefaultStatementIsStillTimed) {
  const auto layer = testing::LayerOf(SmallConfig(), 2, random_);
  const auto tuned = Tune(*layer, 64, {0.0}, scratch_).value().best;
  EXPECT_THAT(Outputs(tuned), ElementsAre(1, 8, 32, 64));
  for (const TimedTile& tile : tuned) {
    EXPECT_EQ(tile.statement, DefaultStatement(*layer));
    EXPECT_GT(tile.seconds, 0.0);
  }
}

TEST_F(TunerTest, DirectStatementsHaveATuningOfTheirOwn) {
  layer::Conv1DConfig config;
  config.filters = 256;
  config.window.kernel_size = 5;
  const auto layer = testing::LayerOf(config, 256, random_);
  const auto is_direct = [](const TimedTile& tile) { return tile.statement.direct(); };
  const Tunings tuned = Tune(*layer, 128, {10.0}, scratch_).value();
  EXPECT_EQ(Outputs(tuned.direct), Outputs(tuned.best));
  EXPECT_TRUE(std::all_of(tuned.direct.begin(), tuned.direct.end(), is_direct));
  const Tunings direct = Tune(*layer, 128, {10.0, nullptr, Algorithm::kDirect}, scratch_).value();
  EXPECT_EQ(direct.best, direct.direct);
}

TEST_F(TunerTest, OneTileIsTimedAsItIs) {
  const auto layer = testing::LayerOf(SmallConfig(), 2, random_);
  const TimedTile image{{1, 32}, {.spatial_dimensions = 2}, 0};
  TimedTile timed = TimeTile(*layer, image, scratch_).value();
  EXPECT_GT(timed.seconds, 0.0);
  timed.seconds = 0;
  EXPECT_EQ(timed, image);
}

TEST_F(TunerTest, AnExactShapeGetsTheFastestOfTheStatementsThatSuitIt) {
  const auto layer = testing::LayerOf(SmallConfig(), 2, random_);
  TileFactory factory(*layer);
  // Folding does not suit several sequences, the last one does not exist.
  const auto timed =
      TimeExact(factory, {3, 10}, {{.fold = 2}, {}, {.implementation = 99}}, scratch_);
  ASSERT_TRUE(timed.has_value());
  EXPECT_EQ(timed->shape, (TileShape{3, 10}));
  EXPECT_EQ(timed->statement, Statement{});
  EXPECT_GT(timed->seconds, 0.0);
  EXPECT_FALSE(TimeExact(factory, {3, 10}, {{.fold = 2}}, scratch_).has_value());
}

TEST_F(TunerTest, ALayerWithoutABiasIsTuned) {
  layer::Conv1DConfig config = SmallConfig();
  config.use_bias = false;
  const auto layer = testing::LayerOf(config, 2, random_);
  EXPECT_TRUE(Tune(*layer, 64, {}, scratch_).ok());
}

// There is nothing to compare with, yet the layer must be served.
TEST_F(TunerTest, ALayerWhoseWeightsAreNotFiniteIsTuned) {
  layer::Conv1DConfig config = SmallConfig();
  config.use_bias = false;
  std::vector<float> kernel(5 * 2 * 8, 1.0f);
  kernel[3] = std::numeric_limits<float>::infinity();
  kernel[40] = std::numeric_limits<float>::quiet_NaN();
  layer::Conv1DWeights weights;
  weights.kernel = testing::FloatTensor({5, 2, 8}, kernel);
  const auto layer = layer::Conv1D::Build(config, 2, std::move(weights)).value();
  EXPECT_TRUE(Tune(layer, 64, {}, scratch_).ok());
}

}  // namespace
}  // namespace convoy::engine
