#include "kernel/batch/placement_writer.h"

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
using ::convoy::testing::RandomLayer;
using ::convoy::testing::Request;
using ::convoy::testing::TensorShape;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr float kUntouched = 1e30f;

class PlacementWriterTest : public ::testing::Test {
 protected:
  std::shared_ptr<const layer::Conv1D> Layer(
      layer::Window window, int64_t channels,
      layer::DataFormat format = layer::DataFormat::kChannelsLast) {
    layer::Conv1DConfig config;
    config.filters = 1;
    config.window = window;
    config.data_format = format;
    return LayerOf(config, channels, random_);
  }

  // The packed source of this request alone.
  std::vector<float> Pack(const layer::Conv1D& layer, const Request& request) {
    Packing packing(layer.config().window);
    packing.Add(request.input.shape);
    std::vector<float> packed(
        packing.outputs() * layer.config().window.strides * layer.input_channels(), kUntouched);
    Write(layer, request, packing.placements()[0], packed);
    return packed;
  }

  void Write(const layer::Conv1D& layer, const Request& request, const Placement& placement,
             std::vector<float>& packed) {
    PlacementWriter writer({layer, packed.data(), pool_}, request.input, placement);
    writer.WriteUntil(writer.end());
  }

  Random random_{5};
  BufferPool pool_{0};
};

TEST_F(PlacementWriterTest, PaddingLiesAroundEverySequenceAsZeros) {
  const auto layer = Layer({3, 1, 1, {layer::PaddingMode::kSame}}, 1);
  const auto request = MakeRequest(*layer, 2, 3, {1, 2, 3, 4, 5, 6}, 0, random_);
  EXPECT_THAT(Pack(*layer, *request), ElementsAre(0, 1, 2, 3, 0, 0, 4, 5, 6, 0));
}

TEST_F(PlacementWriterTest, CausalPaddingLiesBeforeTheSequence) {
  const auto layer = Layer({3, 1, 1, {layer::PaddingMode::kCausal}}, 2);
  const auto request = MakeRequest(*layer, 1, 2, {1, 2, 3, 4}, 0, random_);
  EXPECT_THAT(Pack(*layer, *request), ElementsAre(0, 0, 0, 0, 1, 2, 3, 4));
}

TEST_F(PlacementWriterTest, TheNextSequenceBeginsOnTheStride) {
  const auto layer = Layer({2, 3, 1}, 1);
  const auto request = MakeRequest(*layer, 2, 5, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0, random_);
  EXPECT_THAT(Pack(*layer, *request), ElementsAre(1, 2, 3, 4, 5, 0, 6, 7, 8, 9, 10, 0));
}

TEST_F(PlacementWriterTest, FramesThatNoWindowReachesAreSkipped) {
  // One window of two frames, stride 4: the room is 4 frames, the rest is skipped.
  const auto layer = Layer({2, 4, 1}, 1);
  const auto request = MakeRequest(*layer, 2, 5, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 2, random_);
  EXPECT_THAT(Pack(*layer, *request), ElementsAre(1, 2, 3, 4, 6, 7, 8, 9));
}

TEST_F(PlacementWriterTest, PaddingMayFillTheRoomAndIsCutWhereItIsLonger) {
  // Left 6 of a room of 7 frames, which the stride leaves to the single window.
  const auto layer = Layer({1, 7, 1, {layer::PaddingMode::kExplicit, 6, 0}}, 1);
  auto request = MakeRequest(*layer, 1, 1, {9}, 0, random_);
  EXPECT_THAT(Pack(*layer, *request), ElementsAre(0, 0, 0, 0, 0, 0, 9));
  // One window of two frames over three zeros: room for two of them.
  const auto cut = Layer({2, 2, 1, {layer::PaddingMode::kExplicit, 3, 0}}, 1);
  request = MakeRequest(*cut, 3, 0, {}, 0, random_);
  EXPECT_THAT(Pack(*cut, *request), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST_F(PlacementWriterTest, ASequenceBehindThePaddingThatFillsTheRoomIsSkipped) {
  for (const auto format : {layer::DataFormat::kChannelsLast, layer::DataFormat::kChannelsFirst}) {
    // Extent 1, stride 4, left 4, one frame: outputs see frames 0 and 4.
    const auto seen = Layer({1, 4, 1, {layer::PaddingMode::kExplicit, 4, 0}}, 1, format);
    const auto last = MakeRequest(*seen, 2, 1, {8, 9}, 0, random_);
    EXPECT_THAT(Pack(*seen, *last), ElementsAre(0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0));
    // Extent 2, stride 2, left 2, one frame: only the two zeros are seen.
    const auto unseen = Layer({2, 2, 1, {layer::PaddingMode::kExplicit, 2, 0}}, 1, format);
    const auto skipped = MakeRequest(*unseen, 2, 1, {8, 9}, 0, random_);
    EXPECT_THAT(Pack(*unseen, *skipped), ElementsAre(0, 0, 0, 0));
  }
}

TEST_F(PlacementWriterTest, ChannelsFirstPayloadsAreTurned) {
  const auto layer = Layer({1, 1, 1}, 2, layer::DataFormat::kChannelsFirst);
  const auto request = MakeRequest(*layer, 2, 2, {1, 2, 10, 20, 3, 4, 30, 40}, 0, random_);
  EXPECT_THAT(Pack(*layer, *request), ElementsAre(1, 10, 2, 20, 3, 30, 4, 40));
}

TEST_F(PlacementWriterTest, APlacementWritesItsOwnRoomOnly) {
  const auto layer = Layer({3, 2, 1, {layer::PaddingMode::kSame}}, 2);
  const auto request = MakeRequest(*layer, 2, 4, RandomFloats(random_, 16), 0, random_);
  Packing packing(layer->config().window);
  packing.Add(request->input.shape);
  packing.Add(request->input.shape);
  packing.Add(request->input.shape);
  const int64_t room = packing.outputs() * 2 * 2 / 3;
  std::vector<float> packed(3 * room, kUntouched);
  Write(*layer, *request, packing.placements()[1], packed);
  const auto part = [&](int64_t index) {
    return absl::MakeConstSpan(packed).subspan(index * room, room);
  };
  EXPECT_THAT(part(0), Each(kUntouched));
  EXPECT_THAT(part(1), ElementsAreArray(Pack(*layer, *request)));
  EXPECT_THAT(part(2), Each(kUntouched));
}

TEST_F(PlacementWriterTest, EmptySequencesWithExplicitPaddingAreZeros) {
  for (const auto format : {layer::DataFormat::kChannelsLast, layer::DataFormat::kChannelsFirst}) {
    const auto layer = Layer({2, 1, 1, {layer::PaddingMode::kExplicit, 1, 1}}, 3, format);
    auto request = MakeRequest(*layer, 2, 0, {}, 0, random_);
    EXPECT_THAT(Pack(*layer, *request), ::testing::AllOf(::testing::SizeIs(12), Each(0.0f)));
    request->input.payload.clear();
    EXPECT_THAT(Pack(*layer, *request), Each(0.0f));
  }
}

TEST_F(PlacementWriterTest, OtherDtypesAreWidenedInBothLayouts) {
  const std::vector<int16_t> elements = {-1, 2, 300, -400};
  for (const auto format : {layer::DataFormat::kChannelsLast, layer::DataFormat::kChannelsFirst}) {
    const auto layer = Layer({1, 1, 1}, 2, format);
    Request request;
    request.input.dtype = layer::DType::kInt16;
    request.input.shape = layer->CheckInput({1, 2, 2}).value();
    request.input.payload.push_back(Bytes(reinterpret_cast<const std::byte*>(elements.data()), 8));
    if (format == layer::DataFormat::kChannelsLast) {
      EXPECT_THAT(Pack(*layer, request), ElementsAre(-1, 2, 300, -400));
    } else {
      EXPECT_THAT(Pack(*layer, request), ElementsAre(-1, 300, 2, -400));
    }
  }
}

TEST_F(PlacementWriterTest, ValuesAreRoundedToTheComputeDtypeAndThePaddingStaysZero) {
  layer::Conv1DConfig config;
  config.filters = 1;
  config.window = {3, 1, 1, {layer::PaddingMode::kSame}};
  config.dtype_policy = layer::DTypePolicyFromName("mixed_bfloat16").value();
  const auto layer = LayerOf(config, 1, random_);
  const auto request =
      MakeRequest(*layer, 1, 3, {1.0f + 0x1p-9f, -3.0f, 1.0f + 0x1p-7f}, 1, random_);
  EXPECT_THAT(Pack(*layer, *request), ElementsAre(0, 1.0f, -3.0f, 1.0f + 0x1p-7f, 0));
}

// Frame by frame from the definition, for any layer and any cuts.
std::vector<float> Expected(const layer::Conv1D& layer, const Request& request, int64_t pitch) {
  const layer::InputShape& shape = request.input.shape;
  const int64_t channels = layer.input_channels();
  const int64_t room = pitch * layer.config().window.strides;
  const bool first = layer.config().data_format == layer::DataFormat::kChannelsFirst;
  std::vector<float> packed;
  for (int64_t n = 0; n < shape.sequences; ++n) {
    for (int64_t frame = 0; frame < room; ++frame) {
      const int64_t t = frame - shape.frames.pad_left;
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t index = first ? c * shape.length + t : t * channels + c;
        const bool inside = t >= 0 && t < shape.length;
        packed.push_back(inside ? request.values[n * shape.length * channels + index] : 0.0f);
      }
    }
  }
  return packed;
}

TEST_F(PlacementWriterTest, AgreesWithTheDefinitionForRandomLayersAndCuts) {
  for (int compared = 0; compared < 3000;) {
    const auto layer = RandomLayer(random_);
    const int64_t sequences = Between(random_, 1, 3);
    const int64_t length = Between(random_, 0, 40);
    if (!layer->CheckInput(TensorShape(*layer, sequences, length)).ok()) continue;
    const auto request =
        MakeRequest(*layer, sequences, length,
                    RandomFloats(random_, sequences * length * layer->input_channels()),
                    static_cast<int>(Between(random_, 0, 4)), random_);
    Packing packing(layer->config().window);
    packing.Add(request->input.shape);
    ASSERT_EQ(Pack(*layer, *request),
              Expected(*layer, *request, packing.placements()[0].output_pitch));
    ++compared;
  }
}

}  // namespace
}  // namespace convoy::batch
