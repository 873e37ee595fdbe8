#include "kernel/layer/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A layer of one tap; tests change what they look at.
Conv1DConfig Config(int64_t filters) { return {.filters = filters, .window = {.kernel_size = 1}}; }

Conv1DConfig PRelu(AxisSet shared) {
  Conv1DConfig config = Config(2);
  config.use_bias = false;
  config.activation = {.kind = ActivationKind::kPRelu, .axes = shared};
  config.activation_layer = ActivationLayer{.slope_initializer = Initializer{}};
  return config;
}

Conv1DConfig WithKernelOf(InitializerKind kind) {
  Conv1DConfig config = Config(2);
  config.kernel_initializer = Initializer{.kind = kind};
  return config;
}

Conv1DConfig WithBiasOf(InitializerKind kind) {
  Conv1DConfig config = Config(2);
  config.bias_initializer = Initializer{.kind = kind};
  return config;
}

TEST(WeightsTest, InitializersMakeALayerWithoutAFile) {
  const Conv1DConfig config = {.filters = 6,
                               .window = {.kernel_size = 3},
                               .groups = 2,
                               .bias_initializer = Initializer{.value = 1.0}};
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
  const auto weights = InitializeWeights(Config(2), 1);
  EXPECT_THAT(ToDoubles(*weights->bias), ElementsAre(0, 0));
}

TEST(WeightsTest, VariablesHaveTheVariableDtype) {
  Conv1DConfig config = Config(2);
  config.dtype_policy = {DType::kFloat32, DType::kBfloat16};
  EXPECT_EQ(InitializeWeights(config, 1)->kernel.dtype, DType::kFloat32);
  config.dtype_policy = {DType::kBfloat16, DType::kBfloat16};
  EXPECT_EQ(InitializeWeights(config, 1)->kernel.dtype, DType::kBfloat16);
}

TEST(WeightsTest, AnInitializerThatDoesNotFitIsAnError) {
  for (const Conv1DConfig& config :
       {WithKernelOf(InitializerKind::kIdentity), WithBiasOf(InitializerKind::kOrthogonal)}) {
    EXPECT_FALSE(InitializeWeights(config, 1).ok());
  }
}

TEST(WeightsTest, VariablesBeyondTheirBoundsAreRefusedBeforeTheyAreMade) {
  for (const int64_t channels : {int64_t{1} << 21, int64_t{1} << 40, INT64_MAX}) {
    const auto weights = InitializeWeights(Config(1), channels);
    EXPECT_EQ(weights.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(weights.status().message()), HasSubstr("input channels"));
  }
  EXPECT_THAT(std::string(InitializeWeights(Config(int64_t{1} << 21), 1).status().message()),
              HasSubstr("filters"));
  const Conv1DConfig large = {.filters = 1 << 14, .window = {.kernel_size = 1 << 14}};
  EXPECT_THAT(std::string(InitializeWeights(large, 1 << 2).status().message()),
              HasSubstr("268435456 elements"));
}

TEST(WeightsTest, AnInitializerThatDoesNotFitIsAnErrorAlsoWithGivenWeights) {
  const Conv1DWeights weights{.kernel = FromDoubles(DType::kFloat32, {1, 1, 2}, {1.0, 1.0}),
                              .bias = FromDoubles(DType::kFloat32, {2}, {1.0, 1.0})};
  for (const Conv1DConfig& config :
       {WithKernelOf(InitializerKind::kIdentity), WithBiasOf(InitializerKind::kOrthogonal)}) {
    EXPECT_FALSE(CheckWeights(config, 1, weights).ok());
  }
}

TEST(WeightsTest, ConstraintsApplyOnlyWhenAskedFor) {
  const Constraint non_negative = {.kind = ConstraintKind::kNonNeg};
  const Conv1DConfig config = {.filters = 1,
                               .window = {.kernel_size = 2},
                               .kernel_constraint = non_negative,
                               .bias_constraint = non_negative};
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
  Conv1DConfig linear = Config(2);
  linear.use_bias = false;
  Conv1DWeights weights{
      .kernel = FromDoubles(DType::kFloat32, {1, 1, 2}, {1.0, 1.0}),
      .activation_alpha = FromDoubles(DType::kFloat32, {3, 2}, {1.0, 2.0, 3.0, 4.0, 5.0, 6.0})};
  EXPECT_FALSE(CheckWeights(linear, 1, weights).ok());
  const Conv1DConfig prelu = PRelu(0);
  EXPECT_TRUE(CheckWeights(prelu, 1, weights).ok());
  const auto layer = Conv1D::Build(prelu, 1, weights);
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_EQ(layer->activation().reach(), ActivationReach::kSequence);
  EXPECT_TRUE(layer->CheckInput({1, 3, 1}).ok());
  EXPECT_FALSE(layer->CheckInput({1, 4, 1}).ok());
  weights.activation_alpha = FromDoubles(DType::kFloat32, {3, 1}, {1.0, 2.0, 3.0});
  EXPECT_FALSE(CheckWeights(prelu, 1, weights).ok());
}

}  // namespace
}  // namespace convoy::layer
