#include "kernel/batch/finish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;
using ::testing::SizeIs;

// Two filters with the biases 0.5 and 2^-8, kernel 1 over one channel.
std::shared_ptr<const layer::Conv1D> MakeLayer(
    const std::string& policy, const std::string& activation,
    layer::DataFormat format = layer::DataFormat::kChannelsLast) {
  layer::Conv1DConfig config;
  config.filters = 2;
  config.dtype_policy = layer::DTypePolicyFromName(policy).value();
  config.activation = layer::ActivationFromName(activation).value();
  config.data_format = format;
  layer::Conv1DWeights weights;
  weights.kernel = testing::FloatTensor({1, 1, 2}, {1.0f, 1.0f});
  weights.bias = testing::FloatTensor({2}, {0.5f, 0x1p-8f});
  return std::make_shared<const layer::Conv1D>(
      layer::Conv1D::Build(config, 1, std::move(weights)).value());
}

template <typename Element>
std::vector<Element> Elements(const Output& output) {
  EXPECT_THAT(output.pieces, SizeIs(1));
  std::vector<Element> elements(output.pieces[0].size() / sizeof(Element));
  std::memcpy(elements.data(), output.pieces[0].data(), output.pieces[0].size());
  return elements;
}

// Sequences of two frames.
layer::InputShape ShapeOf(const layer::Conv1D& layer, int64_t sequences) {
  const std::vector<int64_t> shape = layer.config().data_format == layer::DataFormat::kChannelsLast
                                         ? std::vector<int64_t>{sequences, 2, 1}
                                         : std::vector<int64_t>{sequences, 1, 2};
  return layer.CheckInput(shape).value();
}

class FinishTest : public ::testing::Test {
 protected:
  template <typename Real>
  Output Answer(const layer::Conv1D& layer, const std::vector<int64_t>& targets,
                const std::vector<Real>& results) {
    return Finish<Real>(layer, ShapeOf(layer, static_cast<int64_t>(targets.size())), targets,
                        results.data(), pool_);
  }

  BufferPool pool_{1 << 20};
};

TEST_F(FinishTest, PlainFloatLayersDoNotNeedIt) {
  EXPECT_FALSE(NeedsFinish(*MakeLayer("float32", "linear")));
  EXPECT_FALSE(NeedsFinish(*MakeLayer("float32", "relu")));
}

TEST_F(FinishTest, RoundingDoublesAndActivationsOverAxesNeedIt) {
  EXPECT_TRUE(NeedsFinish(*MakeLayer("float32", "softmax")));
  EXPECT_TRUE(NeedsFinish(*MakeLayer("float32", "glu")));
  EXPECT_TRUE(NeedsFinish(*MakeLayer("mixed_bfloat16", "linear")));
  EXPECT_TRUE(NeedsFinish(*MakeLayer("float16", "relu")));
  EXPECT_TRUE(NeedsFinish(*MakeLayer("float64", "linear")));
}

TEST_F(FinishTest, SequencesComeFromTheirTargetsInOrder) {
  const auto layer = MakeLayer("float32", "softmax");
  // Frames 0 and 5 to 6 belong to nobody.
  const float third = std::log(3.0f);
  const std::vector<float> results = {9, 9, 0, 0, 0, third, third, 0, 0, 0, 9, 9, 9, 9};
  const Output output = Answer(*layer, {3, 1}, results);
  EXPECT_THAT(Elements<float>(output),
              Pointwise(FloatNear(1e-6), {0.75f, 0.25f, 0.5f, 0.5f, 0.5f, 0.5f, 0.25f, 0.75f}));
}

TEST_F(FinishTest, ChannelsFirstAnswersAreTurned) {
  // Softmax over the last axis: time, in channels_first.
  const auto layer = MakeLayer("float32", "softmax", layer::DataFormat::kChannelsFirst);
  const float third = std::log(3.0f);
  const Output output = Answer<float>(*layer, {0}, {0, 0, third, 0});
  EXPECT_THAT(Elements<float>(output), Pointwise(FloatNear(1e-6), {0.25f, 0.75f, 0.5f, 0.5f}));
}

TEST_F(FinishTest, AGluHalvesTheChannels) {
  const auto layer = MakeLayer("float32", "glu");
  const Output output = Answer<float>(*layer, {0}, {4, 0, 8, 100});
  EXPECT_THAT(Elements<float>(output), Pointwise(FloatNear(1e-6), {2.0f, 8.0f}));
}

TEST_F(FinishTest, RoundsBeforeAndAfterTheBias) {
  const auto layer = MakeLayer("mixed_bfloat16", "linear");
  // 1 + 2^-9 rounds to 1, and 1 + 2^-8 to the even 1. In one rounding the sum
  // would be 1 + 2^-7.
  const Output output = Answer<float>(*layer, {0}, {1.0f, 1.0f + 0x1p-9f, 0.0f, 0.0f});
  EXPECT_THAT(Elements<uint16_t>(output), ElementsAre(0x3fc0, 0x3f80, 0x3f00, 0x3b80));
}

TEST_F(FinishTest, HalvesAreNarrowed) {
  const auto layer = MakeLayer("mixed_float16", "linear");
  const Output output = Answer<float>(*layer, {0}, {0.5f, 1.0f, -1.0f, 1e30f});
  EXPECT_THAT(Elements<uint16_t>(output), ElementsAre(0x3c00, 0x3c04, 0xb800, 0x7c00));
}

TEST_F(FinishTest, DoublesKeepTheirDigits) {
  const auto layer = MakeLayer("float64", "linear");
  const Output output = Answer<double>(*layer, {0}, {0.1, 0.2, 1e300, -0.5});
  EXPECT_THAT(Elements<double>(output), ElementsAre(0.1 + 0.5, 0.2 + 0x1p-8, 1e300, -0.5 + 0x1p-8));
}

TEST_F(FinishTest, NoSequencesAreAnEmptyTensor) {
  const auto layer = MakeLayer("float32", "softmax");
  EXPECT_TRUE(testing::Floats(Answer<float>(*layer, {}, {})).empty());
}

TEST_F(FinishTest, KeepsOnlyTheAnswersBuffer) {
  const auto layer = MakeLayer("float32", "softmax");
  {
    const Output output = Answer<float>(*layer, {0}, {0, 0, 0, 0});
    EXPECT_EQ(pool_.used_bytes(), output.buffer->capacity());
  }
  EXPECT_EQ(pool_.used_bytes(), 0u);
}

}  // namespace
}  // namespace convoy::batch
