#include "kernel/engine/direct_run.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/kernel/engine/layer_run.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Floats;
using ::convoy::testing::LayerOf;
using ::convoy::testing::Request;

class DirectRunTest : public testing::LayerRunTest {
 protected:
  void ExpectRightAnswer(const layer::Conv1D& layer, int64_t sequences, int64_t length) {
    const auto request = RandomRequest(layer, sequences, length);
    const batch::Output output = RunDirect(DirectConvolution(layer), request->input, workspace_);
    ExpectNearReference(layer, *request, Floats(output));
  }
};

TEST_F(DirectRunTest, ADilationMuchLongerThanTheSignalNeedsNoPaddedCopy) {
  for (const auto mode : {layer::PaddingMode::kSame, layer::PaddingMode::kCausal}) {
    layer::Conv1DConfig config;
    config.filters = 6;
    config.groups = 2;
    config.window.kernel_size = 3;
    config.window.dilation_rate = int64_t{1} << 40;
    config.window.padding.mode = mode;
    ExpectRightAnswer(*LayerOf(config, 4, random_), 2, 31);
  }
}

TEST_F(DirectRunTest, AStrideMuchLongerThanTheSignalTakesNoRoom) {
  for (const int64_t strides :
       {int64_t{1} << 20, int64_t{1} << 40, std::numeric_limits<int64_t>::max()}) {
    layer::Conv1DConfig config;
    config.filters = 4;
    config.window.kernel_size = 3;
    config.window.strides = strides;
    ExpectRightAnswer(*LayerOf(config, 64, random_), 2, 50);
    EXPECT_LT(pool_.idle_bytes() + pool_.used_bytes(), size_t{1} << 20);
  }
}

TEST_F(DirectRunTest, AnswersInBothFormatsWithAndWithoutAnActivationOverTime) {
  for (const auto format : {layer::DataFormat::kChannelsLast, layer::DataFormat::kChannelsFirst}) {
    for (const auto kind : {layer::ActivationKind::kRelu, layer::ActivationKind::kSoftmax}) {
      layer::Conv1DConfig config;
      config.filters = 5;
      config.window.kernel_size = 4;
      config.data_format = format;
      config.activation.kind = kind;
      config.activation.axes = 4;
      ExpectRightAnswer(*LayerOf(config, 3, random_), 3, 20);
    }
  }
}

int passed = 0;

// 16,384 multiply-accumulates a frame: a piece of a million is 61 frames.
TEST_F(DirectRunTest, OthersMayPassBetweenPiecesOfLongAndOfManySequences) {
  layer::Conv1DConfig config;
  config.filters = 128;
  const auto layer = LayerOf(config, 128, random_);
  workspace_.set_between_tiles([] { ++passed; });
  ExpectRightAnswer(*layer, 1, 61);
  EXPECT_EQ(passed, 0);
  ExpectRightAnswer(*layer, 1, 62);
  EXPECT_EQ(passed, 1);
  passed = 0;
  ExpectRightAnswer(*layer, 200, 1);
  EXPECT_EQ(passed, 3);
}

TEST_F(DirectRunTest, WhatGivesNoFramesGetsNoAnswer) {
  layer::Conv1DConfig config;
  config.filters = 2;
  const auto layer = LayerOf(config, 2, random_);
  const auto request = RandomRequest(*layer, 0, 5);
  EXPECT_TRUE(RunDirect(DirectConvolution(*layer), request->input, workspace_).pieces.empty());
}

}  // namespace
}  // namespace convoy::engine
