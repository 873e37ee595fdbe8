#include "kernel/layer/axis_activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace convoy::layer {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

std::vector<double> Activated(ActivationKind kind, LogicalAxes axes, std::vector<double> values,
                              int64_t n, int64_t t, int64_t c) {
  ApplyAxisActivation({.kind = kind}, axes,
                      TensorView<const double>::ChannelsLast(values.data(), n, t, c),
                      TensorView<double>::ChannelsLast(values.data(), n, t, c));
  return values;
}

TEST(AxisActivationTest, SparsemaxIsTheProjectionOntoTheSimplex) {
  const LogicalAxes channels = {.channels = true};
  EXPECT_THAT(Activated(ActivationKind::kSparsemax, channels, {0, 0.5, 1}, 1, 1, 3),
              ElementsAre(0, 0.25, 0.75));
  EXPECT_THAT(Activated(ActivationKind::kSparsemax, channels, {1, 1, 0.1}, 1, 1, 3),
              ElementsAre(0.5, 0.5, 0));
}

TEST(AxisActivationTest, SoftmaxSumsToOneAlongItsAxisOnly) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 7};
  const auto channels = Activated(ActivationKind::kSoftmax, {.channels = true}, x, 1, 2, 3);
  EXPECT_NEAR(channels[0] + channels[1] + channels[2], 1.0, 1e-12);
  const auto frames = Activated(ActivationKind::kSoftmax, {.frames = true}, x, 1, 2, 3);
  EXPECT_NEAR(frames[0] + frames[3], 1.0, 1e-12);
  EXPECT_NEAR(frames[2] / frames[5], std::exp(3.0 - 7.0), 1e-12);
  const auto both =
      Activated(ActivationKind::kSoftmax, {.frames = true, .channels = true}, x, 1, 2, 3);
  EXPECT_NEAR(both[0] + both[1] + both[2] + both[3] + both[4] + both[5], 1.0, 1e-12);
  const auto batch = Activated(ActivationKind::kSoftmax, {.sequences = true}, x, 2, 1, 3);
  EXPECT_NEAR(batch[0] + batch[3], 1.0, 1e-12);
}

TEST(AxisActivationTest, GluWritesHalfAsManyChannels) {
  const std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<float> y(4);
  ApplyAxisActivation({.kind = ActivationKind::kGlu}, {.channels = true},
                      TensorView<const float>::ChannelsLast(x.data(), 1, 2, 4),
                      TensorView<float>::ChannelsLast(y.data(), 1, 2, 2));
  EXPECT_NEAR(y[0], 1 / (1 + std::exp(-3.0)), 1e-6);
  EXPECT_NEAR(y[3], 6 / (1 + std::exp(-8.0)), 1e-6);
}

TEST(AxisActivationTest, OutputMayHaveAnotherOrderOfAxes) {
  const std::vector<float> x = {1, 2, 3, 4, 5, 6};
  std::vector<float> y(6), z(6);
  const auto input = TensorView<const float>::ChannelsLast(x.data(), 1, 2, 3);
  const Activation softmax{.kind = ActivationKind::kSoftmax};
  ApplyAxisActivation(softmax, {.channels = true}, input,
                      TensorView<float>::ChannelsLast(y.data(), 1, 2, 3));
  ApplyAxisActivation(softmax, {.channels = true}, input,
                      TensorView<float>::ChannelsFirst(z.data(), 1, 2, 3));
  EXPECT_THAT(z, ElementsAre(y[0], y[3], y[1], y[4], y[2], y[5]));
}

TEST(AxisActivationTest, EmptyTensorsAreLeftAlone) {
  EXPECT_TRUE(Activated(ActivationKind::kSoftmax, {.channels = true}, {}, 0, 2, 3).empty());
  EXPECT_TRUE(Activated(ActivationKind::kSoftmax, {.frames = true}, {}, 2, 0, 3).empty());
}

TEST(AxisActivationTest, FloatAndDoubleAgree) {
  std::vector<float> x;
  for (int i = 0; i < 24; ++i) x.push_back(static_cast<float>(std::sin(i * 1.7) * 5));
  for (const ActivationKind kind :
       {ActivationKind::kSoftmax, ActivationKind::kLogSoftmax, ActivationKind::kSparsemax}) {
    std::vector<float> y(24);
    ApplyAxisActivation({.kind = kind}, {.channels = true},
                        TensorView<const float>::ChannelsLast(x.data(), 2, 3, 4),
                        TensorView<float>::ChannelsLast(y.data(), 2, 3, 4));
    const auto expected = Activated(kind, {.channels = true}, {x.begin(), x.end()}, 2, 3, 4);
    EXPECT_THAT(std::vector<double>(y.begin(), y.end()), Pointwise(DoubleNear(2e-6), expected));
  }
}

TEST(AxisActivationTest, PReluTakesTheSlopeOfItsPosition) {
  const PReluSlopes by_channel{
      .values = {0.5, 2}, .frames = 1, .channels = 2, .frame_stride = 0, .channel_stride = 1};
  const std::vector<float> x = {-1, -1, 3, -2};
  std::vector<float> y(4);
  ApplyPRelu(by_channel, TensorView<const float>::ChannelsLast(x.data(), 1, 2, 2),
             TensorView<float>::ChannelsLast(y.data(), 1, 2, 2));
  EXPECT_THAT(y, ElementsAre(-0.5, -2, 3, -4));
  const PReluSlopes by_frame{
      .values = {0.5, 2}, .frames = 2, .channels = 1, .frame_stride = 1, .channel_stride = 0};
  ApplyPRelu(by_frame, TensorView<const float>::ChannelsLast(x.data(), 1, 2, 2),
             TensorView<float>::ChannelsLast(y.data(), 1, 2, 2));
  EXPECT_THAT(y, ElementsAre(-0.5, -0.5, 3, -4));
}

}  // namespace
}  // namespace convoy::layer
