#include "kernel/batch/parts.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/kernel/support/random_layer.h"

namespace convoy::batch {
namespace {

using ::convoy::testing::LayerOf;
using ::convoy::testing::MakeRequest;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;
using ::convoy::testing::Request;

class PartsTest : public ::testing::Test {
 protected:
  static layer::Conv1DConfig Config() {
    layer::Conv1DConfig config;
    config.filters = 2;
    config.window.kernel_size = 3;
    config.window.strides = 2;
    config.window.padding.mode = layer::PaddingMode::kSame;
    return config;
  }

  std::unique_ptr<Request> Whole(const layer::Conv1D& layer, int64_t sequences, int64_t length) {
    const int64_t count = sequences * length * layer.input_channels();
    return MakeRequest(layer, sequences, length, RandomFloats(random_, count), 5, random_);
  }

  static std::string BytesOf(const Input& input) {
    std::string bytes;
    for (const Bytes& piece : input.payload) {
      bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
    return bytes;
  }

  Random random_{3};
};

TEST_F(PartsTest, SequencesAreDealtOut) {
  const auto layer = LayerOf(Config(), 1, random_);
  const auto whole = Whole(*layer, 5, 10);
  const std::vector<Input> parts = Cut(*layer, whole->input, 2);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].shape.sequences, 3);
  EXPECT_EQ(parts[1].shape.sequences, 2);
  EXPECT_EQ(parts[1].shape.length, 10);
  EXPECT_EQ(BytesOf(parts[0]) + BytesOf(parts[1]), BytesOf(whole->input));
}

TEST_F(PartsTest, AFramePartHasTheInputOfItsWindowsAndItsShareOfThePadding) {
  layer::Conv1DConfig config = Config();
  config.window.padding = {layer::PaddingMode::kExplicit, 2, 3};
  const auto layer = LayerOf(config, 1, random_);
  const auto whole = Whole(*layer, 1, 12);  // 12 + 5 frames, 8 outputs
  const std::vector<Input> parts = Cut(*layer, whole->input, 2);
  ASSERT_EQ(parts.size(), 2u);
  // Outputs 0..3 read -2..6, outputs 4..7 read 6..14.
  EXPECT_EQ(parts[0].shape.frames.output, 4);
  EXPECT_EQ(parts[0].shape.frames.pad_left, 2);
  EXPECT_EQ(parts[0].shape.frames.pad_right, 0);
  EXPECT_EQ(parts[0].shape.length, 7);
  EXPECT_EQ(parts[1].shape.frames.pad_left, 0);
  EXPECT_EQ(parts[1].shape.frames.pad_right, 3);
  EXPECT_EQ(parts[1].shape.length, 6);
  EXPECT_EQ(BytesOf(parts[0]), BytesOf(whole->input).substr(0, 28));
  EXPECT_EQ(BytesOf(parts[1]), BytesOf(whole->input).substr(24));
}

TEST_F(PartsTest, APartMayLieInThePaddingAlone) {
  layer::Conv1DConfig config = Config();
  config.window.strides = 1;
  config.window.padding = {layer::PaddingMode::kExplicit, 10, 0};
  const auto layer = LayerOf(config, 1, random_);
  const auto whole = Whole(*layer, 1, 2);  // 10 outputs
  const std::vector<Input> parts = Cut(*layer, whole->input, 5);
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[0].shape.length, 0);
  EXPECT_EQ(parts[0].shape.frames.pad_left, 4);
  EXPECT_EQ(parts[4].shape.length, 2);
  EXPECT_EQ(parts[4].shape.frames.pad_left, 2);
}

TEST_F(PartsTest, OneSequenceStaysWholeWhereItsFramesBelongTogether) {
  layer::Conv1DConfig first = Config();
  first.data_format = layer::DataFormat::kChannelsFirst;
  layer::Conv1DConfig over_time = Config();
  over_time.activation.kind = layer::ActivationKind::kSoftmax;
  over_time.activation.axes = 0b010;
  for (const layer::Conv1DConfig& config : {first, over_time}) {
    const auto layer = LayerOf(config, 1, random_);
    const auto one = Whole(*layer, 1, 100);
    ASSERT_EQ(Cut(*layer, one->input, 4).size(), 1u);
    EXPECT_EQ(BytesOf(Cut(*layer, one->input, 4)[0]), BytesOf(one->input));
    const auto two = Whole(*layer, 2, 100);
    EXPECT_EQ(Cut(*layer, two->input, 4).size(), 2u);
  }
}

TEST_F(PartsTest, ARequestStaysWholeWhereItsSequencesBelongTogetherOrNothingIsThere) {
  layer::Conv1DConfig config = Config();
  config.activation.kind = layer::ActivationKind::kSoftmax;
  config.activation.axes = 0b001;
  const auto layer = LayerOf(config, 1, random_);
  const auto two = Whole(*layer, 2, 100);
  EXPECT_EQ(Cut(*layer, two->input, 4).size(), 1u);
  const auto plain = LayerOf(Config(), 1, random_);
  EXPECT_EQ(Cut(*plain, Whole(*plain, 0, 100)->input, 4).size(), 1u);
  EXPECT_EQ(Cut(*plain, Whole(*plain, 2, 0)->input, 4).size(), 1u);
}

TEST_F(PartsTest, AJoinedAnswerIsItsPartsInOrder) {
  BufferPool pool(0);
  std::vector<Output> parts(3);
  for (size_t i = 0; i < parts.size(); ++i) {
    parts[i].buffer = pool.Get(sizeof(float));
    *reinterpret_cast<float*>(parts[i].buffer->data()) = static_cast<float>(i);
    parts[i].pieces.push_back(Bytes(parts[i].buffer->data(), sizeof(float)));
  }
  EXPECT_EQ(testing::Floats(Join(std::move(parts))), (std::vector<float>{0.0f, 1.0f, 2.0f}));
}

}  // namespace
}  // namespace convoy::batch
