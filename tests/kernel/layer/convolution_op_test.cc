#include "kernel/layer/convolution_op.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/kernel/support/layer_builder.h"
#include "tests/kernel/support/reference.h"

namespace convoy::layer {
namespace {

Conv1DConfig Plain() {
  return {.filters = 4,
          .window = {.kernel_size = 3, .strides = 2, .padding = {.mode = PaddingMode::kSame}},
          .use_bias = false};
}

Conv1D Build(const Conv1DConfig& config) {
  return testing::MakeLayer(config, 3, std::vector<float>(36, 0.5f)).value();
}

std::vector<Conv1DConfig> WithActivations() {
  std::vector<Conv1DConfig> configs(3, Plain());
  configs[0].activation.kind = ActivationKind::kRelu;
  configs[1].activation = ActivationFromName("glu").value();
  configs[1].activity_regularizer = Regularizer{.l2 = 0.01};
  configs[1].kernel_regularizer = Regularizer{.l2 = 0.01};
  configs[2].activation = {.kind = ActivationKind::kPRelu, .axes = 2};
  configs[2].activation_layer = ActivationLayer{.dtype_policy = {DType::kFloat64, DType::kFloat64}};
  return configs;
}

TEST(ConvolutionOpTest, IsTheLayerWithoutBiasAndActivation) {
  const Conv1D plain = Build(Plain());
  const std::vector<float> input = {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12};
  const InputShape shape = plain.CheckInput({1, 4, 3}).value();
  const std::vector<double> expected = testing::ReferenceConv1D(plain, shape, input).output;
  for (const Conv1DConfig& config : WithActivations()) {
    SCOPED_TRACE(ActivationName(config.activation));
    const Conv1D op = ConvolutionOp(Build(config));
    EXPECT_EQ(op.output_channels(), 4);
    EXPECT_EQ(op.output_dtype(), DType::kFloat32);
    EXPECT_EQ(op.activation().reach(), ActivationReach::kNone);
    EXPECT_EQ(op.variables().count_params, 36);
    EXPECT_TRUE(op.variables().losses.value().empty());
    EXPECT_FALSE(op.config().use_bias);
    EXPECT_EQ(testing::ReferenceConv1D(op, shape, input).output, expected);
  }
}

TEST(ConvolutionOpTest, ItsKernelIsTheMergedOneInTheDtypeOfTheCall) {
  Conv1DConfig config = {.filters = 1, .window = {.kernel_size = 1}, .use_bias = false};
  config.dtype_policy = {DType::kFloat64, DType::kFloat64};
  config.lora_rank = 1;
  const Conv1DWeights weights = {.kernel = testing::FloatTensor({1, 1, 1}, {0.1f}),
                                 .lora_kernel_a = testing::FloatTensor({1, 1, 1}, {2.0f}),
                                 .lora_kernel_b = testing::FloatTensor({1, 1}, {3.0f})};
  const Conv1D op = ConvolutionOp(Conv1D::Build(config, 1, weights).value());
  EXPECT_THAT(op.kernel<double>(), ::testing::ElementsAre(double{0.1f} + 6.0));
}

}  // namespace
}  // namespace convoy::layer
