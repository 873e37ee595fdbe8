#include "kernel/engine/tuning/tile_set.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "kernel/engine/plan/tile_lengths.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

std::shared_ptr<const layer::Conv1D> MakeLayer(int64_t channels) {
  layer::Conv1DConfig config;
  config.filters = channels;
  config.window.kernel_size = 3;
  testing::Random random(1);
  return testing::LayerOf(config, channels, random);
}

TEST(EstimatedTilesTest, EveryLengthHasTheDefaultStatementAndAGrowingCost) {
  const auto layer = MakeLayer(16);
  const std::vector<TimedTile> tiles = EstimatedTiles(*layer);
  const std::vector<int64_t> lengths = TileLengths(tiles.back().shape.outputs);
  ASSERT_EQ(tiles.size(), lengths.size());
  for (size_t i = 0; i < tiles.size(); ++i) {
    EXPECT_EQ(tiles[i].shape, (TileShape{1, lengths[i]}));
    EXPECT_EQ(tiles[i].statement, DefaultStatement(*layer));
    EXPECT_GT(tiles[i].seconds, i == 0 ? 0.0 : tiles[i - 1].seconds);
  }
}

TEST(EstimatedTilesTest, HeavierLayersHaveShorterTilesAndDearerOutputs) {
  const std::vector<TimedTile> light = EstimatedTiles(*MakeLayer(8));
  const std::vector<TimedTile> heavy = EstimatedTiles(*MakeLayer(256));
  EXPECT_GT(light.back().shape.outputs, heavy.back().shape.outputs);
  EXPECT_LT(light[0].seconds, heavy[0].seconds);
}

TEST(DeterministicTilesTest, IsOneTileOfTheDefaultStatement) {
  for (const int64_t channels : {1, 16, 256}) {
    const auto layer = MakeLayer(channels);
    const std::vector<TimedTile> tiles = DeterministicTiles(*layer);
    ASSERT_EQ(tiles.size(), 1u);
    EXPECT_EQ(tiles[0].shape.sequences, 1);
    EXPECT_GE(tiles[0].shape.outputs, 32);
    EXPECT_EQ(tiles[0].statement, DefaultStatement(*layer));
    EXPECT_GT(tiles[0].seconds, 0.0);
  }
}

// A tile that turns to another where a frame is not finite would not keep bits.
TEST(DeterministicTilesTest, ComputesBfloat16LayersInFloat32) {
  layer::Conv1DConfig config;
  config.filters = 4;
  config.window.kernel_size = 3;
  config.dtype_policy.compute_dtype = layer::DType::kBfloat16;
  testing::Random random(1);
  const auto layer = testing::LayerOf(config, 2, random);
  EXPECT_FALSE(DeterministicTiles(*layer)[0].statement.bfloat16);
}

TEST(DescribeTest, NamesEachRunOfLengthsWithItsStatement) {
  const Statement folded{.fold = 4};
  EXPECT_EQ(Describe({{{1, 1}, {}, 1}, {{1, 2}, {}, 2}, {{1, 4}, folded, 3}, {{1, 8}, folded, 4}}),
            "1..2: 1-D; 4..8: 1-D, 4 outputs per row");
}

TEST(ApplyTuningTest, LengthsTakeTheNearestStatementAndACostBetweenTheirNeighbours) {
  std::vector<TimedTile> tiles;
  for (const int64_t outputs : {1, 2, 3, 4, 8, 16}) tiles.push_back({{1, outputs}, {}, 0});
  const Statement image{.spatial_dimensions = 2};
  const Statement folded{.fold = 4};
  ApplyTuning({{{1, 1}, image, 1.0}, {{1, 8}, {}, 8.0}, {{1, 16}, folded, 10.0}}, tiles);
  // By ratio: 2 is twice 1 and a quarter of 8; 3 is nearer to 8 than to 1.
  EXPECT_EQ(tiles[0], (TimedTile{{1, 1}, image, 1.0}));
  EXPECT_EQ(tiles[1], (TimedTile{{1, 2}, image, 2.0}));
  EXPECT_EQ(tiles[2], (TimedTile{{1, 3}, {}, 3.0}));
  EXPECT_EQ(tiles[3], (TimedTile{{1, 4}, {}, 4.0}));
  EXPECT_EQ(tiles[4], (TimedTile{{1, 8}, {}, 8.0}));
  EXPECT_EQ(tiles[5], (TimedTile{{1, 16}, folded, 10.0}));
}

}  // namespace
}  // namespace convoy::engine
