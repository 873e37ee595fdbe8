#include "kernel/engine/chunked_run.h"

#include <gtest/gtest.h>

#include "kernel/engine/run_path.h"
#include "tests/kernel/engine/layer_run.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::Floats;
using ::convoy::testing::LayerOf;
using ::convoy::testing::Request;
using ::convoy::testing::UntimedLayer;

class ChunkedRunTest : public testing::LayerRunTest {
 protected:
  // A window of 200 frames, mostly padding where sequences are short.
  static layer::Conv1DConfig Config() {
    layer::Conv1DConfig config;
    config.filters = 2;
    config.window.kernel_size = 200;
    config.window.padding.mode = layer::PaddingMode::kSame;
    return config;
  }

  void ExpectRightAnswer(UntimedLayer& layer, int64_t sequences, int64_t length) {
    const auto request = RandomRequest(*layer.layer, sequences, length);
    ASSERT_EQ(PathOf(*layer.layer, request->input.shape), RunPath::kChunks);
    batch::Output output;
    const absl::Status status = RunInChunks(layer.packed, request->input, output, workspace_);
    ASSERT_TRUE(status.ok()) << status;
    ExpectNearReference(*layer.layer, *request, Floats(output));
  }
};

// Packed at once, the padding of 100,000 sequences would take 160 MB.
TEST_F(ChunkedRunTest, ManyShortSequencesRunInBoundedMemory) {
  UntimedLayer layer(LayerOf(Config(), 1, random_));
  ExpectRightAnswer(layer, 100'000, 2);
  EXPECT_LT(pool_.idle_bytes() + pool_.used_bytes(), size_t{64} << 20);
}

TEST_F(ChunkedRunTest, AnActivationOverTimeIsThatOfEachSequence) {
  for (const auto format : {layer::DataFormat::kChannelsLast, layer::DataFormat::kChannelsFirst}) {
    layer::Conv1DConfig config = Config();
    config.data_format = format;
    config.activation.kind = layer::ActivationKind::kSoftmax;
    config.activation.axes = format == layer::DataFormat::kChannelsLast ? 2 : 4;
    UntimedLayer layer(LayerOf(config, 1, random_));
    ASSERT_EQ(layer.layer->activation().reach(), layer::ActivationReach::kSequence);
    ExpectRightAnswer(layer, 5000, 3);
  }
}

TEST_F(ChunkedRunTest, AnActivationOverTheRequestIsThatOfAllChunksTogether) {
  for (const auto format : {layer::DataFormat::kChannelsLast, layer::DataFormat::kChannelsFirst}) {
    layer::Conv1DConfig config = Config();
    config.data_format = format;
    config.activation.kind = layer::ActivationKind::kSoftmax;
    config.activation.axes = 1;
    UntimedLayer layer(LayerOf(config, 1, random_));
    ASSERT_EQ(layer.layer->activation().reach(), layer::ActivationReach::kRequest);
    ExpectRightAnswer(layer, 9000, 3);
    EXPECT_LT(pool_.idle_bytes() + pool_.used_bytes(), size_t{32} << 20);
  }
}

int between_chunks = 0;

TEST_F(ChunkedRunTest, OthersMayPassBetweenChunks) {
  layer::Conv1DConfig config = Config();
  config.window.kernel_size = 1;
  UntimedLayer layer(LayerOf(config, 1, random_));
  workspace_.set_between_tiles([] { ++between_chunks; });
  ExpectRightAnswer(layer, 3 * 4096, 1);
  EXPECT_GE(between_chunks, 2);
}

}  // namespace
}  // namespace convoy::engine
