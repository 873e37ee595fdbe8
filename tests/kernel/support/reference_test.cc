#include "tests/kernel/support/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/kernel/support/layer_builder.h"

namespace convoy::testing {
namespace {

using layer::PaddingMode;
using ::testing::ElementsAre;

// W[k, i, f] = 100 (k + 1) + 10 (i + 1) + (f + 1), or without the channel term.
std::vector<float> CountingKernel(int taps, int channels, int filters, bool depthwise = false) {
  std::vector<float> kernel;
  for (int k = 1; k <= taps; ++k) {
    for (int i = 1; i <= channels; ++i) {
      for (int f = 1; f <= filters; ++f) {
        kernel.push_back(depthwise ? 10 * k + f : 100 * k + 10 * i + f);
      }
    }
  }
  return kernel;
}

// x[n, t, c] = 100 n + 10 t + (c + 1), (2, 3, 4).
std::vector<float> CountingInput(bool channels_first) {
  std::vector<float> input;
  for (int n = 0; n < 2; ++n) {
    for (int i = 0; i < 12; ++i) {
      const int t = channels_first ? i % 3 : i / 4;
      const int c = channels_first ? i / 3 : i % 4;
      input.push_back(100 * n + 10 * t + c + 1);
    }
  }
  return input;
}

std::vector<double> Reference(const layer::Conv1DConfig& config, const std::vector<float>& kernel,
                              const std::vector<float>& bias, const std::vector<float>& input,
                              const std::vector<int64_t>& shape, int64_t channels) {
  const auto layer = MakeLayer(config, channels, kernel, bias);
  EXPECT_TRUE(layer.ok()) << layer.status();
  const auto checked = layer->CheckInput(shape);
  EXPECT_TRUE(checked.ok()) << checked.status();
  return ReferenceConv1D(*layer, *checked, input).output;
}

TEST(ReferenceTest, GroupsReadTheirOwnChannels) {
  EXPECT_THAT(Reference({.filters = 4, .window = {.kernel_size = 2}, .groups = 2},
                        CountingKernel(2, 2, 4), {1, 2, 3, 4}, CountingInput(false), {2, 3, 4}, 4),
              ElementsAre(5327, 5354, 6725, 6760, 11967, 12034, 13445, 13520,  //
                          71727, 72154, 73925, 74360, 78367, 78834, 80645, 81120));
}

TEST(ReferenceTest, ChannelsFirstIsTheSameTransposed) {
  EXPECT_THAT(Reference({.filters = 4,
                         .window = {.kernel_size = 2},
                         .data_format = layer::DataFormat::kChannelsFirst,
                         .groups = 2},
                        CountingKernel(2, 2, 4), {1, 2, 3, 4}, CountingInput(true), {2, 4, 3}, 4),
              ElementsAre(5327, 11967, 5354, 12034, 6725, 13445, 6760, 13520,  //
                          71727, 78367, 72154, 78834, 73925, 80645, 74360, 81120));
}

TEST(ReferenceTest, CausalSeesOnlyThePast) {
  EXPECT_THAT(Reference({.filters = 3,
                         .window = {.kernel_size = 2, .padding = {.mode = PaddingMode::kCausal}},
                         .use_bias = false},
                        CountingKernel(2, 4, 3), {}, CountingInput(false), {2, 3, 4}, 4),
              ElementsAre(2310, 2320, 2330, 12660, 12720, 12780, 26740, 26880, 27020,  //
                          92710, 93120, 93530, 153460, 154320, 155180, 167540, 168480, 169420));
}

TEST(ReferenceTest, DepthwiseWithMultiplierTwo) {
  const auto output =
      Reference({.filters = 8,
                 .window = {.kernel_size = 2, .padding = {.mode = PaddingMode::kSame}},
                 .groups = 4,
                 .use_bias = false},
                CountingKernel(2, 1, 8, true), {}, CountingInput(false), {2, 3, 4}, 4);
  EXPECT_THAT(std::vector<double>(output.begin(), output.begin() + 24),
              ElementsAre(242, 254, 302, 316, 370, 386, 446, 464,  //
                          562, 594, 662, 696, 770, 806, 886, 924,  //
                          231, 252, 286, 308, 345, 368, 408, 432));
  EXPECT_EQ(output.back(), 2232);
}

TEST(ReferenceTest, NanAndInfinityPoisonEveryWindowThatCoversThem) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const auto output = Reference({.filters = 1, .window = {.kernel_size = 2}, .use_bias = false},
                                {1, 1}, {}, {1, nan, 3, inf, -inf, 2}, {1, 6, 1}, 1);
  EXPECT_TRUE(std::isnan(output[0]));
  EXPECT_TRUE(std::isnan(output[1]));
  EXPECT_EQ(output[2], inf);
  EXPECT_TRUE(std::isnan(output[3]));
  EXPECT_EQ(output[4], -inf);
}

TEST(ReferenceTest, ReluComesAfterTheBias) {
  EXPECT_THAT(Reference({.filters = 1, .activation = {.kind = layer::ActivationKind::kRelu}}, {1},
                        {-2}, {1, 2, 3}, {1, 3, 1}, 1),
              ElementsAre(0, 0, 1));
}

TEST(ReferenceTest, MagnitudeSumsAbsoluteProductsAndBias) {
  const auto layer = MakeLayer({.filters = 1, .window = {.kernel_size = 2}}, 1, {2, -3}, {-5});
  const auto shape = layer->CheckInput({1, 2, 1});
  const std::vector<float> input = {-1, 4};
  EXPECT_THAT(ReferenceConv1D(*layer, *shape, input).magnitude, ElementsAre(2 + 12 + 5));
}

}  // namespace
}  // namespace convoy::testing
