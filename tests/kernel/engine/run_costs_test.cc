#include "kernel/engine/run_costs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::convoy::testing::RandomLayer;

void ExpectCosts(const layer::Conv1D& layer) {
  const RunCosts costs = MeasureRunCosts(DirectConvolution(layer));
  EXPECT_GT(costs.direct_work, 0.0);
  EXPECT_LT(costs.direct_work, 1e-3);
  EXPECT_GT(costs.answer_frame, 0.0);
  EXPECT_LT(costs.answer_frame, 1.0);
}

TEST(RunCostsTest, AreMeasuredOfAnyLayer) {
  Random random(4);
  for (int i = 0; i < 200; ++i) ASSERT_NO_FATAL_FAILURE(ExpectCosts(*RandomLayer(random)));
}

TEST(RunCostsTest, AreMeasuredOfEveryActivationInEveryDtype) {
  Random random(4);
  for (const char* activation : {"linear", "tanh", "softmax", "log_softmax", "sparsemax", "glu"}) {
    for (const char* policy : {"float32", "float64", "mixed_bfloat16"}) {
      layer::Conv1DConfig config;
      config.filters = 6;
      config.window.kernel_size = 3;
      config.activation = layer::ActivationFromName(activation).value();
      config.dtype_policy = layer::DTypePolicyFromName(policy).value();
      ExpectCosts(*LayerOf(config, 4, random));
    }
  }
}

TEST(RunCostsTest, AreMeasuredOfWindowsThatNothingHolds) {
  Random random(4);
  for (const int64_t far : {int64_t{1} << 30, int64_t{1} << 60}) {
    layer::Conv1DConfig config;
    config.filters = 6;
    config.window.kernel_size = 3;
    config.window.dilation_rate = far;
    ExpectCosts(*LayerOf(config, 4, random));
    config.window.padding.mode = layer::PaddingMode::kCausal;
    ExpectCosts(*LayerOf(config, 4, random));
    config.window.dilation_rate = 1;
    config.window.strides = std::numeric_limits<int64_t>::max();
    ExpectCosts(*LayerOf(config, 4, random));
  }
}

// Exponentials take longer than nothing, whatever the machine does.
TEST(RunCostsTest, AnActivationIsPartOfTheAnswersCost) {
  Random random(4);
  layer::Conv1DConfig config;
  config.filters = 512;
  const RunCosts linear = MeasureRunCosts(DirectConvolution(*LayerOf(config, 1, random)));
  config.activation.kind = layer::ActivationKind::kSoftmax;
  config.activation.axes = 4;
  const RunCosts softmax = MeasureRunCosts(DirectConvolution(*LayerOf(config, 1, random)));
  EXPECT_GT(softmax.answer_frame, linear.answer_frame);
}

}  // namespace
}  // namespace convoy::engine
