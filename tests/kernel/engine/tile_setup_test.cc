#include "kernel/engine/tile_setup.h"

#include <gtest/gtest.h>

#include <memory>

#include "kernel/engine/tile_lengths.h"
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

TEST(EstimatedSetupTest, EveryLengthHasTheDefaultStatementAndAGrowingCost) {
  const auto layer = MakeLayer(16);
  const TileSetup setup = EstimatedSetup(*layer);
  EXPECT_EQ(setup.lengths, TileLengths(setup.lengths.back()));
  ASSERT_EQ(setup.statements.size(), setup.lengths.size());
  ASSERT_EQ(setup.seconds.size(), setup.lengths.size());
  for (size_t i = 0; i < setup.lengths.size(); ++i) {
    EXPECT_EQ(setup.statements[i], DefaultStatement(*layer));
    EXPECT_GT(setup.seconds[i], i == 0 ? 0.0 : setup.seconds[i - 1]);
  }
}

TEST(EstimatedSetupTest, HeavierLayersHaveShorterTilesAndDearerOutputs) {
  const TileSetup light = EstimatedSetup(*MakeLayer(8));
  const TileSetup heavy = EstimatedSetup(*MakeLayer(256));
  EXPECT_GT(light.lengths.back(), heavy.lengths.back());
  EXPECT_LT(light.seconds[0], heavy.seconds[0]);
}

TEST(DeterministicSetupTest, HasOneLengthAndOneStatement) {
  for (const int64_t channels : {1, 16, 256}) {
    const auto layer = MakeLayer(channels);
    const TileSetup setup = DeterministicSetup(*layer);
    ASSERT_EQ(setup.lengths.size(), 1u);
    EXPECT_GE(setup.lengths[0], 32);
    EXPECT_EQ(setup.statements, std::vector<Statement>{DefaultStatement(*layer)});
    EXPECT_GT(setup.seconds[0], 0.0);
  }
}

// A kernel that turns to another where a frame is not finite would not keep bits.
TEST(DeterministicSetupTest, ComputesBfloat16LayersInFloat32) {
  layer::Conv1DConfig config;
  config.filters = 4;
  config.window.kernel_size = 3;
  config.dtype_policy.compute_dtype = layer::DType::kBfloat16;
  testing::Random random(1);
  const auto layer = testing::LayerOf(config, 2, random);
  EXPECT_FALSE(DeterministicSetup(*layer).statements[0].bfloat16);
}

TEST(DescribeTest, NamesEachRunOfLengthsWithItsStatement) {
  EXPECT_EQ(Describe({1, 2, 4, 8}, {{}, {}, {.fold = 4}, {.fold = 4}}),
            "1..2: 1-D; 4..8: 1-D, 4 outputs a row");
}

TEST(ApplyTuningTest, LengthsTakeTheNearestStatementAndACostBetweenTheirNeighbours) {
  TileSetup setup;
  setup.lengths = {1, 2, 3, 4, 8, 16};
  setup.statements.resize(6);
  setup.seconds.resize(6);
  const Statement image{.spatial_dimensions = 2};
  const Statement folded{.fold = 4};
  ApplyTuning({{1, image, 1.0}, {8, {}, 8.0}, {16, folded, 10.0}}, setup);
  // By ratio: 2 is twice 1 and a quarter of 8; 3 is nearer to 8 than to 1.
  EXPECT_EQ(setup.statements[0], image);
  EXPECT_EQ(setup.statements[1], image);
  EXPECT_EQ(setup.statements[2], Statement{});
  EXPECT_EQ(setup.statements[4], Statement{});
  EXPECT_EQ(setup.statements[5], folded);
  EXPECT_DOUBLE_EQ(setup.seconds[0], 1.0);
  EXPECT_DOUBLE_EQ(setup.seconds[1], 2.0);
  EXPECT_DOUBLE_EQ(setup.seconds[3], 4.0);
  EXPECT_DOUBLE_EQ(setup.seconds[4], 8.0);
  EXPECT_DOUBLE_EQ(setup.seconds[5], 10.0);
}

}  // namespace
}  // namespace convoy::engine
