#include "kernel/engine/tuning/tuning_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "kernel/engine/tuning/tile_set.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

class FakeStore final : public TuningStore {
 public:
  std::optional<std::vector<TimedTile>> Find(const std::string& key) const override {
    ++asked;
    const auto found = entries.find(key);
    if (found == entries.end()) return std::nullopt;
    return found->second;
  }
  void Keep(const std::string& key, const std::vector<TimedTile>& tuned) override {
    ++kept;
    entries[key] = tuned;
  }
  std::map<std::string, std::vector<TimedTile>> entries;
  mutable int asked = 0;
  int kept = 0;
};

class TuningMemoryTest : public ::testing::Test {
 protected:
  std::shared_ptr<const layer::Conv1D> MakeLayer(int64_t dilation_rate = 1) {
    layer::Conv1DConfig config;
    config.filters = 8;
    config.window.kernel_size = 5;
    config.window.dilation_rate = dilation_rate;
    return testing::LayerOf(config, 2, random_);
  }

  Tunings FindOrTune(TuningMemory& memory, const layer::Conv1D& layer) {
    return memory.FindOrTune(layer, {.budget_seconds = 0}, scratch_).value();
  }

  testing::Random random_{1};
  TileScratch scratch_;
  FakeStore store_;
};

TEST_F(TuningMemoryTest, AnEqualLayerIsNotTimedAgain) {
  TuningMemory memory;
  const auto first = FindOrTune(memory, *MakeLayer());
  // To the last bit of every cost: no timing repeats itself.
  EXPECT_EQ(FindOrTune(memory, *MakeLayer()), first);
  EXPECT_NE(FindOrTune(memory, *MakeLayer(2)), first);
}

TEST_F(TuningMemoryTest, WhatIsMeasuredIsToldToTheStoreAndTheStoreIsAskedOnce) {
  TuningMemory memory(&store_);
  const auto first = FindOrTune(memory, *MakeLayer());
  EXPECT_EQ(FindOrTune(memory, *MakeLayer()), first);
  EXPECT_EQ(store_.asked, 1);
  EXPECT_EQ(store_.kept, 1);
  TuningMemory next(&store_);
  EXPECT_EQ(FindOrTune(next, *MakeLayer()), first);
  EXPECT_EQ(store_.asked, 2);
  EXPECT_EQ(store_.kept, 1);
}

// As from a file that somebody edited.
TEST_F(TuningMemoryTest, WhatTheStoreSaysIsMeasuredAnewWhereItIsNoTuningOfTheLayer) {
  const auto dilated = MakeLayer(2);
  std::vector<TimedTile> wrong = EstimatedTiles(*dilated);
  for (TimedTile& tile : wrong) tile.statement = {.fold = 2};
  store_.entries[TuningKey(*dilated)] = wrong;
  TuningMemory memory(&store_);
  for (const TimedTile& tile : FindOrTune(memory, *dilated).best) EXPECT_EQ(tile.statement.fold, 0);
  EXPECT_EQ(store_.kept, 1);
}

TEST_F(TuningMemoryTest, HoldsSoManyLayersAndThenForgets) {
  TuningMemory memory(nullptr, 2);
  const auto first = FindOrTune(memory, *MakeLayer(1));
  const auto second = FindOrTune(memory, *MakeLayer(2));
  EXPECT_EQ(FindOrTune(memory, *MakeLayer(1)), first);
  EXPECT_EQ(FindOrTune(memory, *MakeLayer(2)), second);
  const auto third = FindOrTune(memory, *MakeLayer(3));
  EXPECT_EQ(FindOrTune(memory, *MakeLayer(3)), third);
  EXPECT_NE(FindOrTune(memory, *MakeLayer(1)), first);  // timed again
}

TEST_F(TuningMemoryTest, OneTilesCostIsMeasuredOnce) {
  TuningMemory memory(&store_);
  const TimedTile tile = DeterministicTiles(*MakeLayer())[0];
  const TimedTile timed = memory.FindOrTime(*MakeLayer(), tile, scratch_).value();
  EXPECT_EQ(timed.statement, tile.statement);
  EXPECT_EQ(memory.FindOrTime(*MakeLayer(), tile, scratch_).value(), timed);
  EXPECT_EQ(store_.asked + store_.kept, 0);
}

}  // namespace
}  // namespace convoy::engine
