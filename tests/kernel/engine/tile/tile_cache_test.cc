#include "kernel/engine/tile/tile_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;

std::shared_ptr<const layer::Conv1D> MakeLayer() {
  layer::Conv1DConfig config;
  config.filters = 32;
  config.window.kernel_size = 3;
  Random random(1);
  return LayerOf(config, 16, random);
}

TEST(TileCacheTest, ATileComputesAsMuchAsItsShapeSays) {
  const auto layer = MakeLayer();
  ByteBudget cache;
  TileCache tiles(*layer, cache);
  for (const TileShape& shape : {TileShape{1, 4}, TileShape{3, 4}, TileShape{1, 64}}) {
    EXPECT_EQ(tiles.Get(shape, {}).value()->shape(), shape);
  }
}

TEST(TileCacheTest, ATileIsMadeOnceAndWhenFirstNeeded) {
  const auto layer = MakeLayer();
  ByteBudget cache;
  TileCache tiles(*layer, cache);
  EXPECT_EQ(tiles.bytes(), 0u);
  const auto first = tiles.Get({1, 4}, {}).value();
  const size_t bytes = tiles.bytes();
  EXPECT_GT(bytes, 0u);
  EXPECT_EQ(tiles.Get({1, 4}, {}).value(), first);
  EXPECT_EQ(tiles.bytes(), bytes);
  EXPECT_NE(tiles.Get({1, 64}, {}).value(), first);
  EXPECT_GT(tiles.bytes(), bytes);
  EXPECT_EQ(cache.figures().hits, 1u);
  EXPECT_EQ(cache.figures().misses, 2u);
  EXPECT_EQ(cache.figures().bytes, tiles.bytes());
}

TEST(TileCacheTest, TellsTheShapesThatItKeeps) {
  const auto layer = MakeLayer();
  ByteBudget cache;
  TileCache tiles(*layer, cache);
  EXPECT_THAT(tiles.keys(), ::testing::IsEmpty());
  ASSERT_TRUE(tiles.Get({1, 4}, {}).ok());
  ASSERT_TRUE(tiles.Get({2, 8}, {}).ok());
  EXPECT_THAT(tiles.keys(),
              ::testing::UnorderedElementsAre(TileCache::Key{{1, 4}}, TileCache::Key{{2, 8}}));
}

TEST(TileCacheTest, AStatementThatDoesNotSuitAShapeGivesWayToTheDefaultOne) {
  const auto layer = MakeLayer();
  ByteBudget cache;
  TileCache tiles(*layer, cache);
  const Statement folded{.fold = 4};
  EXPECT_THAT(tiles.Get({1, 3}, folded).value()->Describe(), ::testing::StartsWith("1-D: "));
  EXPECT_THAT(tiles.Get({1, 4}, folded).value()->Describe(),
              ::testing::StartsWith("1-D, 4 outputs per row"));
}

// The layers share one budget: a tile of either goes, the one unused for longest.
TEST(TileCacheTest, WhatWasUnusedForLongestIsGivenUpWhicheverLayerHoldsIt) {
  const auto layer = MakeLayer();
  ByteBudget measure;
  size_t one = 0;
  {
    TileCache tiles(*layer, measure);
    const auto tile = tiles.Get({1, 4}, {}).value();
    one = tiles.bytes();
  }
  EXPECT_EQ(measure.figures().bytes, 0u);
  ByteBudget cache(3 * one);  // weights counted three times: room for three tiles
  TileCache a(*layer, cache);
  TileCache b(*layer, cache);
  for (const int64_t outputs : {1, 2}) ASSERT_TRUE(a.Get({1, outputs}, {}).ok());
  ASSERT_TRUE(b.Get({1, 1}, {}).ok());
  const auto held = a.Get({1, 1}, {}).value();  // now a's second one is the oldest
  for (const int64_t outputs : {2, 3, 4, 5}) ASSERT_TRUE(b.Get({1, outputs}, {}).ok());
  EXPECT_LE(cache.figures().bytes, 3 * one);
  EXPECT_GT(cache.figures().evictions, 0u);
  const uint64_t misses = cache.figures().misses;
  ASSERT_TRUE(a.Get({1, 2}, {}).ok());  // was given up, comes back
  EXPECT_EQ(cache.figures().misses, misses + 1);
  // A tile in use stays usable though the cache gave it up.
  TileScratch scratch;
  const std::vector<float> source(held->source_frames() * 16);
  std::vector<float> target(32);
  EXPECT_TRUE(held->Run(source.data(), target.data(), scratch).ok());
}

TEST(TileCacheTest, ABudgetBelowOneTileKeepsTheOneInUse) {
  const auto layer = MakeLayer();
  ByteBudget cache(1);
  TileCache tiles(*layer, cache);
  for (const int64_t outputs : {1, 2, 3}) ASSERT_TRUE(tiles.Get({1, outputs}, {}).ok());
  const uint64_t misses = cache.figures().misses;
  ASSERT_TRUE(tiles.Get({1, 3}, {}).ok());
  EXPECT_EQ(cache.figures().misses, misses);
  EXPECT_EQ(cache.figures().evictions, 2u);
}

// All threads run the tiles that all of them make at the same time, each with
// its own scratch; every answer is the one that a single thread got.
TEST(TileCacheTest, ThreadsMakeAndRunTheSameTiles) {
  constexpr int kThreads = 4;
  const auto layer = MakeLayer();
  const std::vector<int64_t> lengths = {1, 2, 3, 5, 8, 13, 21, 34};
  Random random(2);
  const std::vector<float> source = RandomFloats(random, 64 * 16);
  const auto run = [&](TileCache& tiles, std::vector<std::vector<float>>& answers) {
    omp_set_num_threads(1);  // as every thread that runs tiles
    TileScratch scratch;
    for (const int64_t outputs : lengths) {
      const auto tile = tiles.Get({1, outputs}, {}).value();
      answers.emplace_back(outputs * 32);
      for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(tile->Run(source.data(), answers.back().data(), scratch).ok());
      }
    }
  };
  ByteBudget cache(1 << 20);
  TileCache alone(*layer, cache);
  std::vector<std::vector<float>> expected;
  run(alone, expected);
  TileCache shared(*layer, cache);
  std::vector<std::vector<std::vector<float>>> answers(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : answers) threads.emplace_back([&] { run(shared, mine); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : answers) EXPECT_EQ(mine, expected);
}

}  // namespace
}  // namespace convoy::engine
