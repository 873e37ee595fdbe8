#include "kernel/engine/run_path.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "tests/kernel/support/random_layer.h"
#include "tests/kernel/support/window_of.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::convoy::testing::WindowOf;

constexpr int64_t kLongestPacked = int64_t{1} << 22;

std::shared_ptr<const layer::Conv1D> MakeLayer(const layer::Window& window, int64_t channels) {
  layer::Conv1DConfig config;
  config.filters = 1;
  config.window = window;
  Random random(1);
  return LayerOf(config, channels, random);
}

bool Needs(const layer::Window& window) { return NeedsDirect(*MakeLayer(window, 1)); }

bool Prefers(const layer::Window& window, int64_t channels, int64_t length) {
  const auto layer = MakeLayer(window, channels);
  return PathOf(*layer, layer->CheckInput({1, length, channels}).value()) == RunPath::kDirect;
}

TEST(NeedsDirectTest, WindowsThatOneDnnCannotAddressDo) {
  EXPECT_FALSE(Needs(WindowOf(2, 1, kLongestPacked - 2)));
  EXPECT_FALSE(Needs(WindowOf(2, 1, kLongestPacked - 1)));
  EXPECT_TRUE(Needs(WindowOf(2, 1, kLongestPacked)));
  EXPECT_TRUE(Needs(WindowOf(3, 1, int64_t{1} << 60)));
}

TEST(NeedsDirectTest, StridesThatOneDnnCannotAddressDo) {
  EXPECT_FALSE(Needs(WindowOf(1, (1 << 20) - 1, 1)));
  EXPECT_FALSE(Needs(WindowOf(1, 1 << 20, 1)));
  EXPECT_TRUE(Needs(WindowOf(1, (1 << 20) + 1, 1)));
  EXPECT_TRUE(Needs(WindowOf(1, std::numeric_limits<int64_t>::max(), 1)));
}

TEST(PathOfTest, SequencesThatAreMostlyPaddingRunDirectly) {
  const layer::Padding causal{layer::PaddingMode::kCausal};
  // 80,000 zeros are eight times 10,000 frames.
  EXPECT_FALSE(Prefers(WindowOf(2, 1, 80000, causal), 1, 10001));
  EXPECT_FALSE(Prefers(WindowOf(2, 1, 80000, causal), 1, 10000));
  EXPECT_TRUE(Prefers(WindowOf(2, 1, 80000, causal), 1, 9999));
  EXPECT_TRUE(Prefers(WindowOf(2, 1, 80000, causal), 1, 1));
}

TEST(PathOfTest, FewZerosAreMaterialisedHoweverShortTheSequence) {
  const layer::Padding causal{layer::PaddingMode::kCausal};
  EXPECT_FALSE(Prefers(WindowOf(2, 1, 65536, causal), 1, 1));
  EXPECT_TRUE(Prefers(WindowOf(2, 1, 65537, causal), 1, 1));
}

TEST(PathOfTest, ZerosOfManyChannelsAreFewerFrames) {
  const layer::Padding causal{layer::PaddingMode::kCausal};
  EXPECT_FALSE(Prefers(WindowOf(2, 1, 1024, causal), 1024, 1));
  EXPECT_TRUE(Prefers(WindowOf(2, 1, 1025, causal), 1024, 1));
}

TEST(PathOfTest, SequencesMuchShorterThanTheStrideRunDirectly) {
  EXPECT_FALSE(Prefers(WindowOf(1, 1000, 1), 1, 1));
  EXPECT_FALSE(Prefers(WindowOf(1, 90000, 1), 1, 10000));
  EXPECT_TRUE(Prefers(WindowOf(1, 90000, 1), 1, 9999));
  EXPECT_TRUE(Prefers(WindowOf(1, 5000, 1), 1024, 1));
}

TEST(PathOfTest, OrdinaryWindowsAndEmptySequencesDoNotRunDirectly) {
  EXPECT_FALSE(Prefers(WindowOf(3, 1, 1, {layer::PaddingMode::kSame}), 1, 1));
  EXPECT_FALSE(Prefers(WindowOf(1000, 10, 1), 1, 1000));
  EXPECT_FALSE(Prefers(WindowOf(2, 1, 80000, {layer::PaddingMode::kCausal}), 1, 0));
}

TEST(MayRunDirectTest, IsSoWhereSomeShapeDoes) {
  EXPECT_TRUE(MayRunDirect(*MakeLayer(WindowOf(2, 1, 80000), 1)));
  EXPECT_TRUE(MayRunDirect(*MakeLayer(WindowOf(2, 1, 1025), 1024)));
  EXPECT_TRUE(MayRunDirect(*MakeLayer(WindowOf(1, 90000, 1), 1)));
  EXPECT_FALSE(MayRunDirect(*MakeLayer(WindowOf(1000, 10, 1), 1)));
}

TEST(PathOfTest, ManySequencesWithLongPaddingRunInChunks) {
  const auto layer = MakeLayer(WindowOf(200, 1, 1, {layer::PaddingMode::kSame}), 1);
  const auto path = [&](int64_t sequences) {
    return PathOf(*layer, layer->CheckInput({sequences, 2, 1}).value());
  };
  const int64_t chunk = SequencesPerChunk(*layer, layer->CheckInput({1, 2, 1}).value());
  EXPECT_EQ(chunk, 4096);
  EXPECT_EQ(path(1), RunPath::kPacked);
  EXPECT_EQ(path(chunk), RunPath::kPacked);
  EXPECT_EQ(path(chunk + 1), RunPath::kChunks);
}

// 2^23 floats of packed source at a time.
TEST(PathOfTest, LongSequencesMakeSmallChunks) {
  const auto layer = MakeLayer(WindowOf(1, 1, 1), 64);
  const auto chunk = [&](int64_t length) {
    return SequencesPerChunk(*layer, layer->CheckInput({1, length, 64}).value());
  };
  EXPECT_EQ(chunk(1 << 10), 128);
  EXPECT_EQ(chunk(1 << 17), 1);
  EXPECT_EQ(chunk(1 << 18), 1);
}

// Its convolutions do; the softmax is applied to all of them together.
TEST(PathOfTest, ASoftmaxOverTheRequestRunsInChunksToo) {
  layer::Conv1DConfig config;
  config.filters = 1;
  config.activation.kind = layer::ActivationKind::kSoftmax;
  config.activation.axes = 1;  // the first
  Random random(1);
  const auto layer = LayerOf(config, 1, random);
  ASSERT_EQ(layer->activation().reach(), layer::ActivationReach::kRequest);
  EXPECT_EQ(PathOf(*layer, layer->CheckInput({4096, 1, 1}).value()), RunPath::kPacked);
  EXPECT_EQ(PathOf(*layer, layer->CheckInput({4097, 1, 1}).value()), RunPath::kChunks);
}

}  // namespace
}  // namespace convoy::engine
