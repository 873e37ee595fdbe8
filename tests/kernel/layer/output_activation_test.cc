#include "kernel/layer/output_activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr AxisSet kSequences = 1, kMiddle = 2, kLast = 4;

OutputActivation Made(ActivationKind kind, AxisSet axes,
                      DataFormat data_format = DataFormat::kChannelsLast) {
  const Conv1DConfig config = {
      .filters = 2, .data_format = data_format, .activation = {.kind = kind, .axes = axes}};
  return OutputActivation::Make(config, std::nullopt).value();
}

Conv1DConfig PRelu(AxisSet shared, Initializer slopes = {}) {
  Conv1DConfig config = {.filters = 2,
                         .activation = {.kind = ActivationKind::kPRelu, .axes = shared}};
  config.activation_layer = ActivationLayer{.slope_initializer = std::move(slopes)};
  return config;
}

Tensor Ones(std::vector<int64_t> shape) {
  const std::vector<double> values(static_cast<size_t>(shape[0] * shape[1]), 1.0);
  return FromDoubles(DType::kFloat32, std::move(shape), values);
}

TEST(OutputActivationTest, TheReachIsWhatOneValueDependsOn) {
  EXPECT_EQ(OutputActivation().reach(), ActivationReach::kNone);
  EXPECT_EQ(Made(ActivationKind::kGelu, 0).reach(), ActivationReach::kElement);
  EXPECT_EQ(Made(ActivationKind::kSoftmax, kLast).reach(), ActivationReach::kFrame);
  EXPECT_EQ(Made(ActivationKind::kSoftmax, kMiddle).reach(), ActivationReach::kSequence);
  EXPECT_EQ(Made(ActivationKind::kSoftmax, kSequences).reach(), ActivationReach::kRequest);
  const DataFormat first = DataFormat::kChannelsFirst;
  EXPECT_EQ(Made(ActivationKind::kSoftmax, kLast, first).reach(), ActivationReach::kSequence);
  EXPECT_EQ(Made(ActivationKind::kSoftmax, kMiddle, first).reach(), ActivationReach::kFrame);
}

TEST(OutputActivationTest, ElementsAreActivatedAlongEitherDenseAxis) {
  const std::vector<float> x = {-1, 2, 3, -4, 5, -6};
  const OutputActivation relu = Made(ActivationKind::kRelu, 0);
  std::vector<float> y(6), transposed(6);
  const auto input = TensorView<const float>::ChannelsLast(x.data(), 1, 3, 2);
  relu.Apply(input, TensorView<float>::ChannelsLast(y.data(), 1, 3, 2));
  EXPECT_THAT(y, ElementsAre(0, 2, 3, 0, 5, 0));
  relu.Apply(input, TensorView<float>::ChannelsFirst(transposed.data(), 1, 3, 2));
  EXPECT_THAT(transposed, ElementsAre(0, 3, 5, 2, 0, 0));
}

TEST(OutputActivationTest, SlopesComeFromTheFileOrFromTheInitializer) {
  const auto made = OutputActivation::Make(PRelu(kMiddle, {.value = 0.5}), std::nullopt);
  EXPECT_THAT(made.value().slopes().values, ElementsAre(0.5, 0.5));
  const auto given = OutputActivation::Make(PRelu(kMiddle, {.value = 0.5}), Ones({1, 2}));
  EXPECT_THAT(given.value().slopes().values, ElementsAre(1, 1));
}

TEST(OutputActivationTest, RandomSlopesOfEachFrameMustComeFromTheFile) {
  const Conv1DConfig config = PRelu(0, {.kind = InitializerKind::kRandomNormal});
  const auto made = OutputActivation::Make(config, std::nullopt);
  EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(made.status().message()), HasSubstr("`activation/alpha`"));
  EXPECT_TRUE(OutputActivation::Make(config, Ones({3, 2})).ok());
}

TEST(OutputActivationTest, SlopesOfEachFrameFixTheirNumber) {
  const auto made = OutputActivation::Make(PRelu(0), Ones({3, 2}));
  EXPECT_EQ(made.value().reach(), ActivationReach::kSequence);
  EXPECT_EQ(made.value().fixed_frames(), 3);
  EXPECT_EQ(Made(ActivationKind::kGelu, 0).fixed_frames(), std::nullopt);
}

TEST(OutputActivationTest, SlopesOfOneFrameTakeAnyLengthUnlessOnlyChannelsAreShared) {
  const auto frames = [](AxisSet shared, int64_t slopes) {
    return OutputActivation::Make(PRelu(shared), Ones({1, slopes})).value().fixed_frames();
  };
  EXPECT_EQ(frames(0, 2), std::nullopt);
  EXPECT_EQ(frames(kMiddle, 2), std::nullopt);
  EXPECT_EQ(frames(kMiddle | kLast, 1), std::nullopt);
  EXPECT_EQ(frames(kLast, 1), 1);
}

TEST(OutputActivationTest, TheScratchIsALineOrTwo) {
  const auto numbers = [](ActivationKind kind, AxisSet axes) {
    return Made(kind, axes).ScratchNumbers(3, 50, 7);
  };
  EXPECT_EQ(numbers(ActivationKind::kSoftmax, kLast), 7);
  EXPECT_EQ(numbers(ActivationKind::kSoftmax, kMiddle), 50);
  EXPECT_EQ(numbers(ActivationKind::kLogSoftmax, kMiddle | kLast), 2 * 50 * 7);
  EXPECT_EQ(numbers(ActivationKind::kSparsemax, kSequences), 2 * 3);
  EXPECT_EQ(numbers(ActivationKind::kRelu, 0), 50);
  EXPECT_EQ(OutputActivation::Make(PRelu(kMiddle), std::nullopt)->ScratchNumbers(3, 50, 7), 0);
}

}  // namespace
}  // namespace convoy::layer
