#include "kernel/batch/frame_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::batch {
namespace {

using ::convoy::testing::Between;
using ::convoy::testing::LayerOf;
using ::convoy::testing::MakeRequest;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;
using ::convoy::testing::Request;
using ::testing::ElementsAre;

class FrameReaderTest : public ::testing::Test {
 protected:
  std::shared_ptr<const layer::Conv1D> Layer(int64_t channels, layer::DataFormat format) {
    layer::Conv1DConfig config;
    config.filters = 1;
    config.data_format = format;
    return LayerOf(config, channels, random_);
  }

  // Every sequence's first `frames` frames.
  template <typename Real = float>
  std::vector<Real> Read(const layer::Conv1D& layer, const Input& input, int64_t frames) {
    FrameReader<Real> reader(layer, input, pool_);
    const int64_t floats = frames * layer.input_channels();
    std::vector<Real> read(input.shape.sequences * floats);
    for (int64_t n = 0; n < input.shape.sequences; ++n) {
      reader.Read(read.data() + n * floats, frames);
      reader.EndSequence();
    }
    return read;
  }

  Random random_{5};
  BufferPool pool_{size_t{1} << 20};
};

TEST_F(FrameReaderTest, ChannelsLastFramesComeAsTheyAreInAnySteps) {
  const auto layer = Layer(2, layer::DataFormat::kChannelsLast);
  const auto request = MakeRequest(*layer, 2, 2, {1, 2, 3, 4, 5, 6, 7, 8}, 2, random_);
  EXPECT_THAT(Read(*layer, request->input, 2), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  FrameReader<float> reader(*layer, request->input, pool_);
  std::vector<float> frame(2);
  reader.Read(frame.data(), 1);
  reader.Read(frame.data(), 1);
  EXPECT_THAT(frame, ElementsAre(3, 4));
}

TEST_F(FrameReaderTest, ChannelsFirstFramesAreTurned) {
  const auto layer = Layer(2, layer::DataFormat::kChannelsFirst);
  for (const int cuts : {0, 2}) {
    const auto request = MakeRequest(*layer, 2, 2, {1, 2, 3, 4, 5, 6, 7, 8}, cuts, random_);
    EXPECT_THAT(Read(*layer, request->input, 2), ElementsAre(1, 3, 2, 4, 5, 7, 6, 8));
  }
}

TEST_F(FrameReaderTest, WhatIsNotReadOfASequenceIsPassedOver) {
  for (const auto format : {layer::DataFormat::kChannelsLast, layer::DataFormat::kChannelsFirst}) {
    const auto layer = Layer(1, format);
    const auto request = MakeRequest(*layer, 3, 2, {1, 2, 3, 4, 5, 6}, 1, random_);
    EXPECT_THAT(Read(*layer, request->input, 1), ElementsAre(1, 3, 5));
    FrameReader<float> reader(*layer, request->input, pool_);
    reader.EndSequence();
    float first = 0;
    reader.Read(&first, 1);
    EXPECT_EQ(first, 3);
  }
}

TEST_F(FrameReaderTest, APayloadOffItsAlignmentGoesThroughThePoolsMemoryAndGivesItBack) {
  const auto layer = Layer(2, layer::DataFormat::kChannelsFirst);
  auto request = MakeRequest(*layer, 1, 2, {1, 2, 10, 20}, 0, random_);
  EXPECT_THAT(Read(*layer, request->input, 2), ElementsAre(1, 10, 2, 20));
  EXPECT_EQ(pool_.idle_bytes(), 0u);  // nothing was needed
  std::vector<std::byte> shifted(17);
  std::copy(request->input.payload[0].begin(), request->input.payload[0].end(),
            shifted.begin() + 1);
  request->input.payload[0] = Bytes(shifted.data() + 1, 16);
  EXPECT_THAT(Read(*layer, request->input, 2), ElementsAre(1, 10, 2, 20));
  EXPECT_EQ(pool_.used_bytes(), 0u);
  EXPECT_GT(pool_.idle_bytes(), 0u);
}

// 16 channels at a time where rows are long, all where they are short; some of the
// frames or all.
TEST_F(FrameReaderTest, BandsOfChannelsMakeTheSameFramesAsOnePiece) {
  for (const int64_t length : {1, 7, 100, 5000}) {
    for (const int64_t channels : {1, 3, 16, 40, 100}) {
      const auto layer = Layer(channels, layer::DataFormat::kChannelsFirst);
      const auto values = RandomFloats(random_, 2 * channels * length);
      const auto whole = MakeRequest(*layer, 2, length, values, 0, random_);
      const auto cut = MakeRequest(*layer, 2, length, values, 3, random_);
      const int64_t frames = Between(random_, 1, length);
      ASSERT_EQ(Read(*layer, cut->input, frames), Read(*layer, whole->input, frames));
    }
  }
}

TEST_F(FrameReaderTest, ABandIsSmallThoughThePayloadIsLarge) {
  const auto layer = Layer(512, layer::DataFormat::kChannelsFirst);
  const auto request = MakeRequest(*layer, 1, 2000, RandomFloats(random_, 512 * 2000), 3, random_);
  (void)Read(*layer, request->input, 2000);  // 4 MB
  EXPECT_LE(pool_.idle_bytes(), size_t{384} << 10);
}

TEST_F(FrameReaderTest, ReadsDoublesForLayersThatComputeInThem) {
  layer::Conv1DConfig config;
  config.filters = 1;
  config.dtype_policy = layer::DTypePolicyFromName("float64").value();
  const auto layer = LayerOf(config, 1, random_);
  const std::vector<double> values = {0.1, -3e300};
  Input input;
  input.dtype = layer::DType::kFloat64;
  input.shape = layer->CheckInput({1, 2, 1}).value();
  input.payload.push_back(Bytes(reinterpret_cast<const std::byte*>(values.data()), 16));
  EXPECT_EQ(Read<double>(*layer, input, 2), values);
}

TEST_F(FrameReaderTest, ValuesAreRoundedToTheComputeDtype) {
  layer::Conv1DConfig config;
  config.filters = 1;
  config.dtype_policy = layer::DTypePolicyFromName("mixed_bfloat16").value();
  const auto layer = LayerOf(config, 1, random_);
  const auto request = MakeRequest(*layer, 1, 2, {1.0f + 0x1p-9f, 1.0f + 0x1p-7f}, 1, random_);
  EXPECT_THAT(Read(*layer, request->input, 2), ElementsAre(1.0f, 1.0f + 0x1p-7f));
}

}  // namespace
}  // namespace convoy::batch
