#include "kernel/engine/tuning/tuning_check.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <vector>

#include "kernel/engine/tuning/tile_set.h"
#include "kernel/engine/tuning/tuner.h"
#include "tests/kernel/engine/tuning/small_config.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

class TuningCheckTest : public ::testing::Test {
 protected:
  // Some lengths of the layer in this statement, at rough costs.
  static std::vector<TimedTile> TuningOf(const layer::Conv1D& layer, const Statement& statement) {
    const std::vector<TimedTile> tiles = EstimatedTiles(layer);
    std::vector<TimedTile> tuning = {tiles.front(), tiles[tiles.size() / 2], tiles.back()};
    for (TimedTile& tile : tuning) tile.statement = statement;
    return tuning;
  }

  bool IsTuning(const std::vector<TimedTile>& tuning) {
    return IsTuningOf(*layer_, tuning, scratch_);
  }

  testing::Random random_{1};
  const std::shared_ptr<const layer::Conv1D> layer_ = testing::LayerOf(SmallConfig(), 2, random_);
  const int64_t longest_ = EstimatedTiles(*layer_).back().shape.outputs;
  const std::vector<TimedTile> tuning_ = TuningOf(*layer_, DefaultStatement(*layer_));
  TileScratch scratch_;
};

TEST_F(TuningCheckTest, WhatTuneAnswersIsOne) {
  EXPECT_TRUE(IsTuning(Tune(*layer_, longest_, {}, scratch_).value().best));
  EXPECT_TRUE(IsTuning(tuning_));
  EXPECT_TRUE(IsTuning(TuningOf(*layer_, {.fold = 4})) ||
              std::count(CandidateStatements(*layer_).begin(), CandidateStatements(*layer_).end(),
                         Statement{.fold = 4}) == 0);
}

// Answers were off by their own size: folding takes neighbours for taps.
TEST_F(TuningCheckTest, AFoldForADilatedLayerIsNone) {
  layer::Conv1DConfig config = SmallConfig();
  config.window.dilation_rate = 2;
  const auto dilated = testing::LayerOf(config, 2, random_);
  EXPECT_FALSE(IsTuningOf(*dilated, TuningOf(*dilated, {.fold = 2}), scratch_));
  EXPECT_TRUE(IsTuningOf(*dilated, TuningOf(*dilated, {}), scratch_));
}

TEST_F(TuningCheckTest, StatementsThatTuningWouldNotTryAreNone) {
  for (const Statement& statement :
       {Statement{.spatial_dimensions = 3}, Statement{.implementation = 99}, Statement{.fold = 3},
        Statement{.fold = -1}, Statement{.matmul = true}, Statement{.implementation = -1}}) {
    EXPECT_FALSE(IsTuning(TuningOf(*layer_, statement))) << ToString(statement);
  }
}

TEST_F(TuningCheckTest, OtherLengthsAreNone) {
  for (int wrong = 0; wrong < 6; ++wrong) {
    std::vector<TimedTile> tuning = tuning_;
    if (wrong == 0) tuning.clear();
    if (wrong == 1) tuning.pop_back();
    if (wrong == 2) tuning.erase(tuning.begin());
    if (wrong == 3) std::swap(tuning.front(), tuning.back());
    if (wrong == 4) tuning[1].shape.outputs = longest_ - 1;
    if (wrong == 5) tuning[1].shape.sequences = 2;
    EXPECT_FALSE(IsTuning(tuning)) << wrong;
  }
}

// A plan would go for them, or refuse everybody for want of time.
TEST_F(TuningCheckTest, CostsThatCannotBeAreNone) {
  for (const double seconds : {0.0, -1e-6, 1e-15, 1e3, std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN()}) {
    std::vector<TimedTile> tuning = tuning_;
    tuning[1].seconds = seconds;
    EXPECT_FALSE(IsTuning(tuning)) << seconds;
  }
}

}  // namespace
}  // namespace convoy::engine
