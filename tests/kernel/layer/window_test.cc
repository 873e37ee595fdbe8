#include "kernel/layer/window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <numeric>
#include <string>

#include "absl/status/status.h"
#include "tests/kernel/layer/golden_vectors.h"
#include "tests/kernel/support/float_tensor.h"
#include "tests/kernel/support/reference.h"

namespace convoy::layer {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

class GoldenVectorTest : public ::testing::TestWithParam<testing::GoldenVector> {
 protected:
  Window MakeWindow() const {
    const std::string padding = GetParam().padding;
    Window window{.kernel_size = static_cast<int64_t>(GetParam().kernel.size()),
                  .strides = GetParam().strides,
                  .dilation_rate = GetParam().dilation_rate};
    window.padding.mode = padding == "same"     ? PaddingMode::kSame
                          : padding == "causal" ? PaddingMode::kCausal
                                                : PaddingMode::kValid;
    return window;
  }
};

TEST_P(GoldenVectorTest, FramesAndPaddingAreThoseOfKeras) {
  const auto frames = MakeWindow().FramesFor(GetParam().length);
  ASSERT_TRUE(frames.ok()) << frames.status();
  EXPECT_EQ(frames->output, static_cast<int64_t>(GetParam().output.size()));
  EXPECT_EQ(frames->pad_left, GetParam().pad_left);
  EXPECT_EQ(frames->pad_right, GetParam().pad_right);
}

TEST_P(GoldenVectorTest, TheReferenceGivesTheSameNumbers) {
  Conv1DConfig config{.filters = 1, .window = MakeWindow(), .use_bias = false};
  Conv1DWeights weights{
      .kernel = testing::FloatTensor({config.window.kernel_size, 1, 1}, GetParam().kernel)};
  const auto layer = Conv1D::Build(config, 1, weights);
  ASSERT_TRUE(layer.ok()) << layer.status();
  const int64_t shape[] = {1, GetParam().length, 1};
  const auto checked = layer->CheckInput(shape);
  ASSERT_TRUE(checked.ok()) << checked.status();
  std::vector<float> signal(GetParam().length);
  std::iota(signal.begin(), signal.end(), 1.0f);
  EXPECT_THAT(testing::ReferenceConv1D(*layer, *checked, signal).output,
              ::testing::ElementsAreArray(GetParam().output));
}

INSTANTIATE_TEST_SUITE_P(Specification, GoldenVectorTest,
                         ::testing::ValuesIn(testing::GoldenVectors()),
                         [](const auto& info) { return info.param.name; });

TEST(WindowTest, ValidNeedsAsManyFramesAsTheWindowSpans) {
  const Window window{.kernel_size = 3, .dilation_rate = 2};
  EXPECT_EQ(window.extent(), 5);
  EXPECT_EQ(window.FramesFor(4).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(window.FramesFor(5)->output, 1);
  EXPECT_EQ(window.FramesFor(6)->output, 2);
}

TEST(WindowTest, ValidShorterThanTheKernelIsRefusedThoughTheStrideWouldRoundItUp) {
  const Window window{.kernel_size = 3, .strides = 2};
  EXPECT_FALSE(window.FramesFor(2).ok());
}

TEST(WindowTest, AnEmptySequenceStaysEmptyForSameAndCausal) {
  for (const PaddingMode mode : {PaddingMode::kSame, PaddingMode::kCausal}) {
    const Window window{.kernel_size = 3, .strides = 2, .padding = {.mode = mode}};
    const auto frames = window.FramesFor(0);
    ASSERT_TRUE(frames.ok());
    EXPECT_EQ(frames->output, 0);
    EXPECT_EQ(frames->pad_left, 0);
    EXPECT_EQ(frames->pad_right, 0);
  }
  EXPECT_FALSE((Window{.kernel_size = 1}.FramesFor(0).ok()));
}

TEST(WindowTest, ExplicitPaddingCountsAsFrames) {
  const Window window{.kernel_size = 3,
                      .strides = 2,
                      .padding = {.mode = PaddingMode::kExplicit, .left = 1, .right = 1}};
  const auto frames = window.FramesFor(6);
  ASSERT_TRUE(frames.ok());
  EXPECT_EQ(frames->output, 3);
  EXPECT_EQ(frames->pad_left, 1);
  EXPECT_EQ(frames->pad_right, 1);
  EXPECT_FALSE(window.FramesFor(0).ok());
  EXPECT_EQ(window.FramesFor(1)->output, 1);
}

TEST(WindowTest, SamePaddingDependsOnTheLengthWhenThereIsAStride) {
  const Window window{.kernel_size = 3, .strides = 2, .padding = {.mode = PaddingMode::kSame}};
  EXPECT_EQ(window.FramesFor(5)->pad_left, 1);
  EXPECT_EQ(window.FramesFor(6)->pad_left, 0);
  EXPECT_EQ(window.FramesFor(6)->pad_right, 1);
}

TEST(WindowTest, LengthsNearTheEndOfSixtyFourBitsAreOutOfRange) {
  for (const PaddingMode mode : {PaddingMode::kValid, PaddingMode::kSame, PaddingMode::kCausal}) {
    const Window window{.kernel_size = 3, .padding = {.mode = mode}};
    EXPECT_EQ(window.FramesFor(kMax).status().code(), absl::StatusCode::kOutOfRange);
    EXPECT_TRUE(window.FramesFor(kMax - 6).ok());
  }
  const Window padded{.padding = {.mode = PaddingMode::kExplicit, .left = kMax / 2}};
  EXPECT_EQ(padded.FramesFor(kMax - 100).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(WindowTest, AWindowThatOverflowsDoesNotFit) {
  EXPECT_TRUE((Window{.kernel_size = 3, .dilation_rate = 1 << 20}.Fits()));
  EXPECT_FALSE((Window{.kernel_size = 3, .dilation_rate = kMax / 2 + 1}.Fits()));
  EXPECT_FALSE((Window{.kernel_size = 2, .dilation_rate = kMax / 2 + 1}.Fits()));
  EXPECT_FALSE((Window{.padding = {.left = kMax, .right = kMax}}.Fits()));
}

}  // namespace
}  // namespace convoy::layer
