#include "kernel/layer/conv1d.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/kernel/support/layer_builder.h"

namespace convoy::layer {
namespace {

using ::testing::HasSubstr;

Conv1D Layer(PaddingMode padding = PaddingMode::kValid,
             DataFormat data_format = DataFormat::kChannelsLast) {
  const Conv1DConfig config = {.name = "c",
                               .filters = 4,
                               .window = {.kernel_size = 3, .padding = {.mode = padding}},
                               .data_format = data_format,
                               .use_bias = false};
  return testing::MakeLayer(config, 3, std::vector<float>(36, 1.0f)).value();
}

std::string ShapeError(const Conv1D& layer, const std::vector<int64_t>& shape) {
  const auto checked = layer.CheckInput(shape);
  EXPECT_EQ(checked.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(checked.status().message());
}

TEST(Conv1DTest, ARequestsShapeGivesSequencesLengthAndFrames) {
  const auto shape = Layer().CheckInput({2, 10, 3});
  ASSERT_TRUE(shape.ok());
  EXPECT_EQ(shape->sequences, 2);
  EXPECT_EQ(shape->length, 10);
  EXPECT_EQ(shape->frames.output, 8);
}

TEST(Conv1DTest, ChannelsFirstReadsTheShapeTheOtherWay) {
  const Conv1D layer = Layer(PaddingMode::kValid, DataFormat::kChannelsFirst);
  EXPECT_EQ(layer.CheckInput({2, 3, 10})->length, 10);
  EXPECT_THAT(ShapeError(layer, {2, 10, 3}), HasSubstr("expected axis 1 of input shape"));
}

TEST(Conv1DTest, RanksOtherThanThreeAreRefused) {
  EXPECT_EQ(ShapeError(Layer(), {5, 3}),
            "Input 0 of layer 'c' is incompatible with the layer: expected min_ndim=3, found "
            "ndim=2. Full shape received: (5, 3)");
  EXPECT_EQ(ShapeError(Layer(), {2, 5, 3, 1}),
            "Kernel shape must have the same length as input, but received kernel of shape "
            "(3, 3, 4) and input of shape (2, 5, 3, 1).");
}

TEST(Conv1DTest, WrongChannelsNameTheAxisExpectedAndGot) {
  EXPECT_EQ(ShapeError(Layer(), {2, 5, 4}),
            "Input 0 of layer 'c' is incompatible with the layer: expected axis -1 of input shape "
            "to have value 3, but received input with shape (2, 5, 4)");
}

TEST(Conv1DTest, NegativeDimensionsAreRefused) {
  EXPECT_EQ(ShapeError(Layer(), {2, -1, 3}),
            "shape: expected dimensions of 0 or more, got (2, -1, 3).");
  EXPECT_THAT(ShapeError(Layer(), {-5, 5, 3}), HasSubstr("(-5, 5, 3)"));
}

TEST(Conv1DTest, ProductsThatOverflowAreRefused) {
  const std::vector<int64_t> wraps = {1 << 4, (int64_t{1} << 60) + 2, 3};
  EXPECT_THAT(ShapeError(Layer(), wraps), HasSubstr("shape: expected dimensions whose product"));
  const int64_t max = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(ShapeError(Layer(), {0, max, 3}), HasSubstr("shape"));
  EXPECT_THAT(ShapeError(Layer(), {max, 3, 3}), HasSubstr("shape"));
  // Fits as input, not as output: three bytes in, 32 out for each frame.
  EXPECT_THAT(ShapeError(Layer(PaddingMode::kSame), {1, max / 24, 3}), HasSubstr("shape"));
}

TEST(Conv1DTest, ASequenceShorterThanTheKernelIsRefusedInKerasWords) {
  EXPECT_EQ(ShapeError(Layer(), {2, 2, 3}),
            "Computed output size would be zero or negative. Received `inputs shape=(2, 2, 3)`, "
            "`kernel shape=(3, 3, 4)`, `dilation_rate=[1]`, `strides=(1,)`, `padding=valid`.");
}

TEST(Conv1DTest, EmptyBatchesAndForSameAndCausalEmptySequencesAreAnswered) {
  EXPECT_EQ(Layer().CheckInput({0, 5, 3})->frames.output, 3);
  EXPECT_EQ(Layer(PaddingMode::kSame).CheckInput({2, 0, 3})->frames.output, 0);
  EXPECT_EQ(Layer(PaddingMode::kCausal).CheckInput({2, 0, 3})->frames.output, 0);
  EXPECT_THAT(ShapeError(Layer(), {2, 0, 3}), HasSubstr("zero or negative"));
}

TEST(Conv1DTest, ChannelsThatTheGroupsDoNotDivideAreRefused) {
  const auto layer =
      testing::MakeLayer({.filters = 4, .groups = 2, .use_bias = false}, 3, std::vector<float>(4));
  EXPECT_THAT(std::string(layer.status().message()),
              HasSubstr("The number of input channels must be evenly divisible by the number of "
                        "groups. Received groups=2, but the input has 3 channels"));
  EXPECT_FALSE(testing::MakeLayer({.filters = 4, .use_bias = false}, 0, {}).ok());
}

TEST(Conv1DTest, WeightsOfTheWrongShapeOrSizeAreRefusedByName) {
  Conv1DConfig config{.filters = 2, .window = {.kernel_size = 2}};
  Conv1DWeights weights{.kernel = testing::FloatTensor({2, 3, 1}, std::vector<float>(6)),
                        .bias = testing::FloatTensor({2}, {0, 0})};
  EXPECT_EQ(Conv1D::Build(config, 3, weights).status().message(),
            "weights: expected `kernel` of shape (2, 3, 2), got (2, 3, 1).");
  weights.kernel = testing::FloatTensor({2, 3, 2}, std::vector<float>(11));
  EXPECT_THAT(std::string(Conv1D::Build(config, 3, weights).status().message()),
              HasSubstr("expected 48 bytes of `kernel`, got 44"));
  weights.kernel = testing::FloatTensor({2, 3, 2}, std::vector<float>(12));
  EXPECT_TRUE(Conv1D::Build(config, 3, weights).ok());
  weights.bias = testing::FloatTensor({3}, {0, 0, 0});
  EXPECT_EQ(Conv1D::Build(config, 3, weights).status().message(),
            "weights: expected `bias` of shape (2,), got (3,).");
}

TEST(Conv1DTest, ABiasIsThereExactlyWhenTheLayerUsesOne) {
  const std::vector<float> kernel(3, 1.0f);
  Conv1DConfig config = {.filters = 1, .window = {.kernel_size = 3}};
  EXPECT_FALSE(testing::MakeLayer(config, 1, kernel).ok());
  EXPECT_EQ(testing::MakeLayer(config, 1, kernel, {2.0f})->bias()[0], 2.0f);
  config.use_bias = false;
  EXPECT_FALSE(testing::MakeLayer(config, 1, kernel, {1.0f}).ok());
}

TEST(Conv1DTest, EveryComputeDtypeButFloat32IsRoundedToBeforeTheBias) {
  for (const DType dtype : {DType::kFloat32, DType::kFloat64, DType::kBfloat16, DType::kFloat16}) {
    const Conv1DConfig config = {.dtype_policy = {.compute_dtype = dtype},
                                 .filters = 4,
                                 .window = {.kernel_size = 3},
                                 .use_bias = false};
    const Conv1D layer = testing::MakeLayer(config, 3, std::vector<float>(36, 1.0f)).value();
    EXPECT_EQ(layer.rounds_before_bias(), dtype != DType::kFloat32);
  }
}

}  // namespace
}  // namespace convoy::layer
