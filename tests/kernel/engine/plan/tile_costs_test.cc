#include "kernel/engine/plan/tile_costs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernel/engine/plan/tile_lengths.h"
#include "tests/kernel/support/timed_tiles.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::TimedTiles;

// What the tiles that FirstTile names one after the other cost.
double Walk(const TileCosts& costs, int64_t outputs) {
  double total = 0;
  while (outputs > 0) {
    const TimedTile& tile = costs.FirstTile(outputs);
    total += tile.seconds;
    outputs -= tile.shape.outputs;
  }
  return total;
}

// The frames that they compute.
int64_t WalkedFrames(const TileCosts& costs, int64_t outputs) {
  int64_t walked = 0;
  while (walked < outputs) walked += costs.FirstTile(outputs - walked).shape.outputs;
  return walked;
}

int64_t WalkedTiles(const TileCosts& costs, int64_t outputs) {
  int64_t walked = 0;
  for (; outputs > 0; ++walked) outputs -= costs.FirstTile(outputs).shape.outputs;
  return walked;
}

// The cheapest cover by trying every first tile.
double Cheapest(const std::vector<int64_t>& lengths, const std::vector<double>& seconds,
                int64_t outputs) {
  if (outputs <= 0) return 0;
  double best = 1e300;
  for (size_t i = 0; i < lengths.size(); ++i) {
    best = std::min(best, seconds[i] + Cheapest(lengths, seconds, outputs - lengths[i]));
  }
  return best;
}

TEST(TileCostsTest, NothingCostsNothing) {
  EXPECT_EQ(TileCosts(TimedTiles({1, 2}, {1.0, 2.0})).Cover(0), 0.0);
}

TEST(TileCostsTest, OneTileThatIsTooLongMayBeCheaperThanTwoThatFit) {
  const TileCosts costs(TimedTiles({1, 2, 4}, {2.0, 3.0, 4.5}));
  EXPECT_DOUBLE_EQ(costs.Cover(2), 3.0);
  EXPECT_DOUBLE_EQ(costs.Cover(3), 4.5);
  EXPECT_EQ(costs.FirstTile(3).shape.outputs, 4);
  EXPECT_DOUBLE_EQ(costs.Cover(4), 4.5);
}

TEST(TileCostsTest, TwoTilesThatFitMayBeCheaperThanOneThatIsTooLong) {
  const TileCosts costs(TimedTiles({1, 2, 4}, {1.0, 2.0, 9.0}));
  EXPECT_DOUBLE_EQ(costs.Cover(3), 3.0);
  EXPECT_DOUBLE_EQ(costs.Cover(4), 4.0);
}

TEST(TileCostsTest, TheLongerOfEquallyCheapTilesIsPreferred) {
  const TileCosts costs(TimedTiles({1, 2, 4}, {1.0, 2.0, 4.0}));
  EXPECT_EQ(costs.FirstTile(4).shape.outputs, 4);
  EXPECT_EQ(costs.FirstTile(2).shape.outputs, 2);
}

TEST(TileCostsTest, BeyondTheLongestWholeTilesAreAddedToTheRest) {
  const TileCosts costs(TimedTiles({1, 4}, {1.0, 2.0}));
  EXPECT_DOUBLE_EQ(costs.Cover(3), 2.0);
  EXPECT_DOUBLE_EQ(costs.Cover(4), 2.0);
  EXPECT_DOUBLE_EQ(costs.Cover(5), 3.0);
  EXPECT_DOUBLE_EQ(costs.Cover(4'000'000'000'001), 2e12 + 1);
  EXPECT_EQ(costs.FirstTile(4'000'000'000'001).shape.outputs, 4);
}

TEST(TileCostsTest, CoversAreTheCheapestOfAll) {
  const std::vector<int64_t> lengths = {1, 2, 3, 5, 8};
  for (const std::vector<double>& seconds :
       {std::vector<double>{1, 1.5, 1.7, 3.5, 3.6}, {2, 2.1, 6, 6.2, 20}, {1, 2, 3, 5, 8}}) {
    const TileCosts costs(TimedTiles(lengths, seconds));
    for (int64_t outputs = 1; outputs <= 8; ++outputs) {
      EXPECT_DOUBLE_EQ(costs.Cover(outputs), Cheapest(lengths, seconds, outputs)) << outputs;
    }
  }
}

TEST(TileCostsTest, TheFirstTilesLeadToTheCostOfTheCover) {
  const std::vector<int64_t> lengths = TileLengths(64);
  std::vector<double> seconds;
  for (const int64_t length : lengths) seconds.push_back(3.0 + static_cast<double>(length));
  const TileCosts costs(TimedTiles(lengths, seconds));
  for (int64_t outputs = 1; outputs <= 300; ++outputs) {
    EXPECT_NEAR(Walk(costs, outputs), costs.Cover(outputs), 1e-9) << outputs;
    EXPECT_EQ(costs.Covered(outputs), WalkedFrames(costs, outputs)) << outputs;
    EXPECT_EQ(costs.Count(outputs), WalkedTiles(costs, outputs)) << outputs;
  }
}

}  // namespace
}  // namespace convoy::engine
