#include "kernel/engine/tuning/tuning_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "kernel/engine/compiled_layer.h"
#include "kernel/engine/tuning/tile_set.h"
#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/timed_tiles.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::TimedTiles;

class MemoryStore final : public TuningStore {
 public:
  std::optional<std::vector<TimedTile>> Find(const std::string& key) const override {
    const auto found = entries.find(key);
    if (found == entries.end()) return std::nullopt;
    return found->second;
  }
  void Keep(const std::string& key, const std::vector<TimedTile>& tuned) override {
    ++kept;
    entries[key] = tuned;
  }
  std::map<std::string, std::vector<TimedTile>> entries;
  int kept = 0;
};

class TuningStoreTest : public ::testing::Test {
 protected:
  static layer::Conv1DConfig Config() {
    layer::Conv1DConfig config;
    config.filters = 8;
    config.window.kernel_size = 5;
    return config;
  }
  testing::Random random_{1};
};

TEST_F(TuningStoreTest, AKeyTellsLayersApartByWhatDecidesTheirSpeedAlone) {
  std::set<std::string> keys = {TuningKey(*testing::LayerOf(Config(), 2, random_))};
  layer::Conv1DConfig relu = Config();
  relu.activation.kind = layer::ActivationKind::kRelu;
  relu.window.padding.mode = layer::PaddingMode::kSame;
  EXPECT_TRUE(keys.contains(TuningKey(*testing::LayerOf(relu, 2, random_))));

  std::vector<layer::Conv1DConfig> others(7, Config());
  others[0].filters = 10;
  others[1].window.kernel_size = 4;
  others[2].window.strides = 2;
  others[3].window.dilation_rate = 2;
  others[4].groups = 2;
  others[5].use_bias = false;
  others[6].dtype_policy.compute_dtype = layer::DType::kBfloat16;
  for (const layer::Conv1DConfig& config : others) {
    EXPECT_TRUE(keys.insert(TuningKey(*testing::LayerOf(config, 2, random_))).second);
  }
  EXPECT_TRUE(keys.insert(TuningKey(*testing::LayerOf(Config(), 3, random_))).second);
}

TEST_F(TuningStoreTest, TheMachineNamesTheLibraryAndTheInstructions) {
  EXPECT_THAT(TuningMachine(), ::testing::HasSubstr("oneDNN 3."));
  EXPECT_THAT(TuningMachine(), ::testing::HasSubstr("isa "));
  EXPECT_EQ(TuningMachine(), TuningMachine());
}

TEST_F(TuningStoreTest, ALayerIsTimedOnceAndThenAsItWasFound) {
  MemoryStore store;
  const CompileOptions options{.tune = true, .tuning_seconds = 0.01, .store = &store};
  const auto layer = testing::LayerOf(Config(), 2, random_);
  const auto first = CompiledLayer::Create(layer, options).value();
  EXPECT_EQ(store.kept, 1);
  // What is stored is used, not measured again: a statement that tuning never chose.
  for (auto& [key, tuned] : store.entries) {
    for (TimedTile& tile : tuned) tile.statement = {.spatial_dimensions = 2};
  }
  const auto second = CompiledLayer::Create(layer, options).value();
  EXPECT_EQ(store.kept, 1);
  EXPECT_THAT(second->Describe(), ::testing::HasSubstr(": 2-D"));
}

TEST_F(TuningStoreTest, WhatDoesNotFitTheLayerIsTimedAnew) {
  const auto layer = testing::LayerOf(Config(), 2, random_);
  const std::string key = TuningKey(*layer);
  const int64_t longest = EstimatedTiles(*layer).back().shape.outputs;
  for (const std::vector<TimedTile>& wrong : std::vector<std::vector<TimedTile>>{
           {},
           TimedTiles({1}, {1e-6}),
           TimedTiles({longest}, {1e-6}),
           TimedTiles({longest, 1}, {1e-6, 1e-6}),
           TimedTiles({1, longest}, {0, 1e-6}),
           TimedTiles({1, longest - 1, longest}, {1e-6, 1e-6, 1e-6}),
           TimedTiles({1, longest + 1}, {1e-6, 1e-6})}) {
    MemoryStore store;
    store.entries[key] = wrong;
    ASSERT_TRUE(
        CompiledLayer::Create(layer, {.tune = true, .tuning_seconds = 0, .store = &store}).ok());
    EXPECT_EQ(store.kept, 1);
  }
}

}  // namespace
}  // namespace convoy::engine
