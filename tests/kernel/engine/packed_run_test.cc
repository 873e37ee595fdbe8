#include "kernel/engine/packed_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "kernel/engine/tile/machine.h"
#include "tests/kernel/engine/layer_run.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Floats;
using ::convoy::testing::LayerOf;
using ::convoy::testing::MakeRequest;
using ::convoy::testing::Request;
using ::convoy::testing::UntimedLayer;
using ::testing::IsEmpty;

class PackedRunTest : public testing::LayerRunTest {
 protected:
  static layer::Conv1DConfig Config() {
    layer::Conv1DConfig config;
    config.filters = 2;
    config.window.kernel_size = 3;
    return config;
  }

  std::vector<batch::Output> Run(const PackedLayer& packed,
                                 const std::vector<std::unique_ptr<Request>>& requests) {
    std::vector<const batch::Input*> inputs;
    std::vector<batch::Output> outputs(requests.size());
    std::vector<batch::Output*> places;
    for (size_t i = 0; i < requests.size(); ++i) {
      inputs.push_back(&requests[i]->input);
      places.push_back(&outputs[i]);
    }
    const absl::Status status = PackedRun(packed, workspace_).Run(inputs, places);
    EXPECT_TRUE(status.ok()) << status;
    return outputs;
  }
};

TEST_F(PackedRunTest, EachRequestGetsItsOwnAnswer) {
  UntimedLayer layer(LayerOf(Config(), 2, random_));
  std::vector<std::unique_ptr<Request>> requests;
  for (const int64_t length : {5, 400, 3}) {
    requests.push_back(RandomRequest(*layer.layer, 2, length));
  }
  const std::vector<batch::Output> outputs = Run(layer.packed, requests);
  for (size_t i = 0; i < requests.size(); ++i) {
    ExpectNearReference(*layer.layer, *requests[i], Floats(outputs[i]));
  }
}

TEST_F(PackedRunTest, WhatGivesNoFramesGetsNoAnswerAndTakesNoMemory) {
  layer::Conv1DConfig config = Config();
  config.window.padding.mode = layer::PaddingMode::kSame;
  UntimedLayer layer(LayerOf(config, 2, random_));
  std::vector<std::unique_ptr<Request>> requests;
  requests.push_back(RandomRequest(*layer.layer, 3, 0));
  requests.push_back(RandomRequest(*layer.layer, 0, 7));
  for (const batch::Output& output : Run(layer.packed, requests)) {
    EXPECT_THAT(output.pieces, IsEmpty());
  }
  EXPECT_EQ(pool_.idle_bytes(), 0u);
  requests.push_back(RandomRequest(*layer.layer, 1, 7));
  const std::vector<batch::Output> outputs = Run(layer.packed, requests);
  ExpectNearReference(*layer.layer, *requests[2], Floats(outputs[2]));
}

// Tiles of which some multiply groups of outputs, and reach over the sequence's end.
TEST_F(PackedRunTest, WhatOneCallerSendsDoesNotTouchABitOfAnothersAnswer) {
  if (!HasAvx2()) GTEST_SKIP() << "needs AVX2";
  layer::Conv1DConfig config = Config();
  config.filters = 32;
  UntimedLayer layer(LayerOf(config, 32, random_));
  std::vector<TimedTile> tiles = EstimatedTiles(*layer.layer);
  for (TimedTile& tile : tiles) {
    if (tile.shape.outputs < 16) continue;
    tile.statement = {.points = 6};
    tile.seconds /= 4;  // less than together
  }
  const TileCosts costs(tiles);
  const PackedLayer packed{*layer.layer, layer.tiles, costs, layer.costs};
  std::vector<std::unique_ptr<Request>> requests;
  for (const int64_t length : {45, 103, 300, 7, 9}) {
    requests.push_back(RandomRequest(*layer.layer, 1, length));
  }
  const std::vector<batch::Output> before = Run(packed, requests);
  EXPECT_GT(layer.tiles.counts().blocks, 0u);
  EXPECT_EQ(layer.tiles.counts().fell_back, 0u);
  for (size_t other = 0; other < requests.size(); ++other) {
    std::vector<float>& values = requests[other]->values;  // which the payload refers to
    const std::vector<float> kept = values;
    for (const float value : {1e9f, std::numeric_limits<float>::quiet_NaN()}) {
      std::fill(values.begin(), values.end(), value);
      const std::vector<batch::Output> after = Run(packed, requests);
      for (size_t i = 0; i < requests.size(); ++i) {
        if (i == other) continue;
        EXPECT_EQ(Floats(after[i]), Floats(before[i])) << i << " beside " << other;
      }
    }
    std::copy(kept.begin(), kept.end(), values.begin());
  }
  for (size_t i = 0; i < requests.size(); ++i) {
    ExpectNearReference(*layer.layer, *requests[i], Floats(Run(packed, requests)[i]));
  }
}

int between_tiles = 0;

TEST_F(PackedRunTest, ALongBatchLetsOthersPassBetweenItsTiles) {
  UntimedLayer layer(LayerOf(Config(), 2, random_));
  workspace_.set_between_tiles([] { ++between_tiles; });
  std::vector<std::unique_ptr<Request>> requests;
  requests.push_back(RandomRequest(*layer.layer, 1, 10));  // one tile
  Run(layer.packed, requests);
  EXPECT_EQ(between_tiles, 0);
  requests[0] = RandomRequest(*layer.layer, 1, 10'000);  // five, of at most 2048 frames
  const std::vector<batch::Output> outputs = Run(layer.packed, requests);
  EXPECT_EQ(between_tiles, 4);
  ExpectNearReference(*layer.layer, *requests[0], Floats(outputs[0]));
}

TEST_F(PackedRunTest, TheTilesAreNotHeldAfterTheBatch) {
  UntimedLayer layer(LayerOf(Config(), 2, random_));
  std::vector<std::unique_ptr<Request>> requests;
  requests.push_back(RandomRequest(*layer.layer, 1, 10));
  Run(layer.packed, requests);
  EXPECT_THAT(workspace_.lists().tiles, IsEmpty());
}

TEST_F(PackedRunTest, ALonePayloadInOnePieceIsReadWhereItIs) {
  UntimedLayer layer(LayerOf(Config(), 64, random_));
  // 1024 outputs: whole tiles, which read nothing behind the end.
  const std::vector<float> values = testing::RandomFloats(random_, 1026 * 64);
  std::vector<std::unique_ptr<Request>> requests;
  requests.push_back(MakeRequest(*layer.layer, 1, 1026, values, 0, random_));
  { const auto outputs = Run(layer.packed, requests); }
  EXPECT_LT(pool_.idle_bytes(), 64u << 10);  // the results alone
  requests[0] = MakeRequest(*layer.layer, 1, 1026, values, 3, random_);
  { const auto outputs = Run(layer.packed, requests); }
  EXPECT_GT(pool_.idle_bytes(), 256u << 10);
}

}  // namespace
}  // namespace convoy::engine
