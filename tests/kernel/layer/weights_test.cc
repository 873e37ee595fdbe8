#include "kernel/layer/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/keras_json.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

Conv1DConfig Config(const char* text) { return *ParseConv1DConfig(json::parse(text)); }

TEST(WeightsTest, InitializersMakeALayerWithoutAFile) {
  const Conv1DConfig config =
      Config(R"({"filters": 6, "kernel_size": 3, "groups": 2, "bias_initializer": "ones"})");
  const auto weights = InitializeWeights(config, 4);
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->kernel.shape, (std::vector<int64_t>{3, 2, 6}));
  EXPECT_THAT(ToDoubles(*weights->bias), ElementsAre(1, 1, 1, 1, 1, 1));
  // sqrt(6 / (3 * 2 + 3 * 6)).
  for (const double value : ToDoubles(weights->kernel)) EXPECT_LE(std::fabs(value), 0.5);
  EXPECT_TRUE(Conv1D::Build(config, 4, *weights).ok());
  EXPECT_EQ(InitializeWeights(config, 4)->kernel.data, weights->kernel.data);
}

TEST(WeightsTest, ABiasInitializerOfNoneMeansZeros) {
  const auto weights =
      InitializeWeights(Config(R"({"filters": 2, "kernel_size": 1, "bias_initializer": null})"), 1);
  EXPECT_THAT(ToDoubles(*weights->bias), ElementsAre(0, 0));
}

TEST(WeightsTest, VariablesHaveTheVariableDtype) {
  const auto mixed = InitializeWeights(
      Config(R"({"filters": 2, "kernel_size": 1, "dtype": "mixed_bfloat16"})"), 1);
  EXPECT_EQ(mixed->kernel.dtype, DType::kFloat32);
  const auto pure =
      InitializeWeights(Config(R"({"filters": 2, "kernel_size": 1, "dtype": "bfloat16"})"), 1);
  EXPECT_EQ(pure->kernel.dtype, DType::kBfloat16);
}

TEST(WeightsTest, AnInitializerThatDoesNotFitIsAnError) {
  EXPECT_FALSE(InitializeWeights(Config(R"({"filters": 2, "kernel_size": 1,
      "kernel_initializer": "identity"})"),
                                 1)
                   .ok());
  EXPECT_FALSE(InitializeWeights(Config(R"({"filters": 2, "kernel_size": 1,
      "bias_initializer": "orthogonal"})"),
                                 1)
                   .ok());
}

TEST(WeightsTest, AnInitializerThatDoesNotFitIsAnErrorAlsoWithGivenWeights) {
  const Conv1DWeights weights{.kernel = FromDoubles(DType::kFloat32, {1, 1, 2}, {1.0, 1.0}),
                              .bias = FromDoubles(DType::kFloat32, {2}, {1.0, 1.0})};
  for (const char* argument : {R"("kernel_initializer": "identity")",
                               R"("bias_initializer": "orthogonal", "use_bias": true)"}) {
    const std::string text = std::string(R"({"filters": 2, "kernel_size": 1, )") + argument + "}";
    EXPECT_FALSE(CheckWeights(Config(text.c_str()), 1, weights).ok()) << text;
  }
}

TEST(WeightsTest, ConstraintsApplyOnlyWhenAskedFor) {
  const Conv1DConfig config = Config(R"({"filters": 1, "kernel_size": 2,
      "kernel_constraint": "non_neg", "bias_constraint": "non_neg"})");
  Conv1DWeights weights{.kernel = FromDoubles(DType::kFloat32, {2, 1, 1}, {-1.0, 2.0}),
                        .bias = FromDoubles(DType::kFloat32, {1}, {-3.0})};
  EXPECT_THAT(Conv1D::Build(config, 1, weights)->kernel(), ElementsAre(-1, 2));
  EXPECT_EQ(CheckConstraints(config, weights).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(ApplyConstraints(config, weights).ok());
  EXPECT_THAT(ToDoubles(weights.kernel), ElementsAre(0, 2));
  EXPECT_THAT(ToDoubles(*weights.bias), ElementsAre(0));
  EXPECT_TRUE(CheckConstraints(config, weights).ok());
}

TEST(WeightsTest, SlopesBelongToAPRelu) {
  const char* relu = R"({"filters": 2, "kernel_size": 1, "use_bias": false})";
  Conv1DWeights weights{
      .kernel = FromDoubles(DType::kFloat32, {1, 1, 2}, {1.0, 1.0}),
      .activation_alpha = FromDoubles(DType::kFloat32, {3, 2}, {1.0, 2.0, 3.0, 4.0, 5.0, 6.0})};
  EXPECT_FALSE(CheckWeights(Config(relu), 1, weights).ok());
  const Conv1DConfig prelu = Config(R"({"filters": 2, "kernel_size": 1, "use_bias": false,
      "activation": {"module": "keras.layers", "class_name": "PReLU", "config": {}}})");
  EXPECT_TRUE(CheckWeights(prelu, 1, weights).ok());
  const auto layer = Conv1D::Build(prelu, 1, weights);
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_EQ(layer->activation_reach(), ActivationReach::kSequence);
  EXPECT_TRUE(layer->CheckInput({1, 3, 1}).ok());
  EXPECT_FALSE(layer->CheckInput({1, 4, 1}).ok());
  weights.activation_alpha = FromDoubles(DType::kFloat32, {3, 1}, {1.0, 2.0, 3.0});
  EXPECT_FALSE(CheckWeights(prelu, 1, weights).ok());
}

// The layer of one frame's slopes whose PReLU has these `shared_axes`.
Conv1D WithSlopesOfOneFrame(const char* shared_axes, int64_t slopes) {
  const json config = {{"filters", 2},
                       {"kernel_size", 1},
                       {"use_bias", false},
                       {"activation",
                        {{"module", "keras.layers"},
                         {"class_name", "PReLU"},
                         {"config", {{"shared_axes", json::parse(shared_axes)}}}}}};
  const std::vector<double> ones(slopes, 1.0);
  Conv1DWeights weights{.kernel = FromDoubles(DType::kFloat32, {1, 1, 2}, {1.0, 1.0}),
                        .activation_alpha = FromDoubles(DType::kFloat32, {1, slopes}, ones)};
  return Conv1D::Build(ParseConv1DConfig(config).value(), 1, std::move(weights)).value();
}

TEST(WeightsTest, SlopesOfOneFrameTakeAnyLengthUnlessOnlyChannelsAreShared) {
  EXPECT_TRUE(WithSlopesOfOneFrame("null", 2).CheckInput({1, 5, 1}).ok());
  EXPECT_TRUE(WithSlopesOfOneFrame("[1]", 2).CheckInput({1, 5, 1}).ok());
  EXPECT_TRUE(WithSlopesOfOneFrame("[1, 2]", 1).CheckInput({1, 5, 1}).ok());
  EXPECT_FALSE(WithSlopesOfOneFrame("[2]", 1).CheckInput({1, 5, 1}).ok());
  EXPECT_TRUE(WithSlopesOfOneFrame("[2]", 1).CheckInput({1, 1, 1}).ok());
}

}  // namespace
}  // namespace convoy::layer
