#include "tests/kernel/support/reference_activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "kernel/layer/activation.h"
#include "tests/kernel/support/layer_builder.h"

namespace convoy::testing {
namespace {

using layer::Activation;
using layer::ActivationKind;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

double Value(const char* name, double x) {
  return ReferenceElementwise(layer::ActivationFromName(name).value(), x);
}

// Known values, to fifteen places.
TEST(ReferenceActivationTest, ElementsAreWhatKerasSays) {
  EXPECT_NEAR(Value("gelu", 1.0), 0.841344746068543, 1e-14);
  EXPECT_NEAR(Value("selu", -1.0), -1.111330737812563, 1e-14);
  EXPECT_NEAR(Value("mish", 1.0), 0.865098388267310, 1e-14);
  EXPECT_NEAR(Value("silu", -20.0), -4.122307e-8, 1e-13);
  EXPECT_NEAR(Value("hard_sigmoid", 1.0), 2.0 / 3.0, 1e-15);
  EXPECT_EQ(Value("soft_shrink", -2.0), -1.5);
  EXPECT_EQ(Value("sparse_plus", 0.0), 0.25);
}

TEST(ReferenceActivationTest, AReluLayerHasSlopeCapAndThreshold) {
  const Activation relu = {.kind = ActivationKind::kGeneralRelu,
                           .negative_slope = 0.5,
                           .max_value = 4.0,
                           .threshold = 1.0};
  EXPECT_EQ(ReferenceElementwise(relu, 0.0), -0.5);
  EXPECT_EQ(ReferenceElementwise(relu, 2.0), 2.0);
  EXPECT_EQ(ReferenceElementwise(relu, 9.0), 4.0);
}

std::vector<double> Activated(const Activation& activation, const std::vector<double>& given,
                              layer::DataFormat format = layer::DataFormat::kChannelsLast) {
  const layer::Conv1DConfig config = {
      .filters = 2, .data_format = format, .activation = activation, .use_bias = false};
  const auto layer = MakeLayer(config, 1, {1.0f, 1.0f}).value();
  return ReferenceActivate(layer, {1, 2, 2}, given);
}

TEST(ReferenceActivationTest, LinesRunAlongTheAxesOfTheTensor) {
  const std::vector<double> given = {0.0, 0.5, 0.75, 2.0};
  const std::vector<double> along_last = {0.25, 0.75, 0.0, 1.0};
  const std::vector<double> along_middle = {0.125, 0.0, 0.875, 1.0};
  EXPECT_THAT(Activated({.kind = ActivationKind::kSparsemax, .axes = 4}, given),
              Pointwise(DoubleNear(1e-12), along_last));
  EXPECT_THAT(Activated({.kind = ActivationKind::kSparsemax, .axes = 2}, given),
              Pointwise(DoubleNear(1e-12), along_middle));
  const auto softmax = Activated({.kind = ActivationKind::kSoftmax, .axes = 6}, given);
  EXPECT_NEAR(softmax[0] + softmax[1] + softmax[2] + softmax[3], 1.0, 1e-15);
  EXPECT_NEAR(softmax[3] / softmax[0], 7.38905609893065, 1e-13);
}

TEST(ReferenceActivationTest, GluHalvesTheLastAxisAndAPReluHasASlopePerChannel) {
  EXPECT_THAT(Activated({.kind = ActivationKind::kGlu, .axes = 4}, {2.0, 0.0, 4.0, 0.0}),
              ElementsAre(1.0, 2.0));
  EXPECT_THAT(Activated({.kind = ActivationKind::kPRelu}, {-2.0, 3.0, 4.0, -1.0}),
              ElementsAre(0.0, 3.0, 4.0, 0.0));
}

}  // namespace
}  // namespace convoy::testing
