#include "kernel/layer/conv1d.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "kernel/layer/reference.h"
#include "tests/kernel/layer/layer_builder.h"

namespace convoy::layer {
namespace {

using ::testing::HasSubstr;

Conv1D Layer(const std::string& extra = "") {
  const std::string config =
      R"({"filters": 4, "kernel_size": 3, "use_bias": false, "name": "c")" + extra + "}";
  return *testing::MakeLayer(config, 3, std::vector<float>(36, 1.0f));
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
  const Conv1D layer = Layer(R"(, "data_format": "channels_first")");
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
  EXPECT_THAT(ShapeError(Layer(R"(, "padding": "same")"), {1, max / 24, 3}), HasSubstr("shape"));
}

TEST(Conv1DTest, ASequenceShorterThanTheKernelIsRefusedInKerasWords) {
  EXPECT_EQ(ShapeError(Layer(), {2, 2, 3}),
            "Computed output size would be zero or negative. Received `inputs shape=(2, 2, 3)`, "
            "`kernel shape=(3, 3, 4)`, `dilation_rate=[1]`, `strides=(1,)`, `padding=valid`.");
}

TEST(Conv1DTest, EmptyBatchesAndForSameAndCausalEmptySequencesAreAnswered) {
  EXPECT_EQ(Layer().CheckInput({0, 5, 3})->frames.output, 3);
  EXPECT_EQ(Layer(R"(, "padding": "same")").CheckInput({2, 0, 3})->frames.output, 0);
  EXPECT_EQ(Layer(R"(, "padding": "causal")").CheckInput({2, 0, 3})->frames.output, 0);
  EXPECT_THAT(ShapeError(Layer(), {2, 0, 3}), HasSubstr("zero or negative"));
}

TEST(Conv1DTest, ChannelsThatTheGroupsDoNotDivideAreRefused) {
  const auto layer =
      testing::MakeLayer(R"({"filters": 4, "kernel_size": 1, "groups": 2, "use_bias": false})", 3,
                         std::vector<float>(4));
  EXPECT_THAT(std::string(layer.status().message()),
              HasSubstr("The number of input channels must be evenly divisible by the number of "
                        "groups. Received groups=2, but the input has 3 channels"));
  EXPECT_FALSE(
      testing::MakeLayer(R"({"filters": 4, "kernel_size": 1, "use_bias": false})", 0, {}).ok());
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
  EXPECT_FALSE(testing::MakeLayer(R"({"filters": 1, "kernel_size": 3})", 1, kernel).ok());
  EXPECT_FALSE(testing::MakeLayer(R"({"filters": 1, "kernel_size": 3, "use_bias": false})", 1,
                                  kernel, {1.0f})
                   .ok());
  EXPECT_EQ(testing::MakeLayer(R"({"filters": 1, "kernel_size": 3})", 1, kernel, {2.0f})->bias()[0],
            2.0f);
}

TEST(Conv1DTest, SpecsHaveTheDtypesAndTheChannelsAndLeaveTheRestFree) {
  const Conv1D last = Layer(R"(, "dtype": "mixed_bfloat16", "activation": "glu")");
  EXPECT_EQ(last.input_spec().dtype, DType::kBfloat16);
  EXPECT_THAT(last.input_spec().shape, ::testing::ElementsAre(-1, -1, 3));
  EXPECT_EQ(last.output_spec().dtype, DType::kBfloat16);
  EXPECT_THAT(last.output_spec().shape, ::testing::ElementsAre(-1, -1, 2));
  const Conv1D first = Layer(R"(, "data_format": "channels_first")");
  EXPECT_THAT(first.input_spec().shape, ::testing::ElementsAre(-1, 3, -1));
  EXPECT_THAT(first.output_spec().shape, ::testing::ElementsAre(-1, 4, -1));
}

TEST(Conv1DTest, TheConvolutionOpIsTheLayerWithoutBiasAndActivation) {
  const std::string window = R"("filters": 4, "kernel_size": 3, "strides": 2, "padding": "same")";
  const std::vector<float> kernel(36, 0.5f);
  const Conv1D plain = *testing::MakeLayer("{" + window + R"(, "use_bias": false})", 3, kernel);
  const std::vector<float> input = {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12};
  const InputShape shape = plain.CheckInput({1, 4, 3}).value();
  const std::vector<double> expected = ReferenceConv1D(plain, shape, input).output;
  for (const std::string extra :
       {R"(, "activation": "relu")", R"(, "activation": "glu", "activity_regularizer": "l2")",
        R"(, "activation": {"module": "keras.layers", "class_name": "PReLU",
             "config": {"dtype": "float64", "shared_axes": [1]}})"}) {
    const Conv1D layer =
        *testing::MakeLayer("{" + window + extra + R"(, "use_bias": false})", 3, kernel);
    const Conv1D op = layer.ConvolutionOp();
    EXPECT_EQ(op.output_channels(), 4);
    EXPECT_EQ(op.output_dtype(), DType::kFloat32);
    EXPECT_EQ(op.activation_reach(), ActivationReach::kNone);
    EXPECT_FALSE(op.config().use_bias);
    EXPECT_EQ(ReferenceConv1D(op, shape, input).output, expected) << extra;
  }
}

}  // namespace
}  // namespace convoy::layer
