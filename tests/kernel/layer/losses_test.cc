#include "kernel/layer/losses.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

// A layer whose kernel has an L2 penalty.
Conv1DConfig Config() {
  return {
      .filters = 2, .window = {.kernel_size = 3}, .kernel_regularizer = Regularizer{.l2 = 0.01}};
}

Conv1DWeights Ones() {
  return {.kernel = FromDoubles(DType::kFloat32, {3, 1, 2}, std::vector<double>(6, 1.0)),
          .bias = FromDoubles(DType::kFloat32, {2}, {1.0, 1.0})};
}

TEST(LossesTest, KernelComesBeforeBias) {
  Conv1DConfig config = Config();
  config.bias_regularizer = Regularizer{.l1 = 0.1};
  const auto losses = WeightLosses(config, Ones());
  ASSERT_TRUE(losses.ok()) << losses.status();
  ASSERT_EQ(losses->size(), 2u);
  EXPECT_EQ((*losses)[0].variable, "kernel");
  EXPECT_NEAR((*losses)[0].value, 0.06, 1e-12);
  EXPECT_EQ((*losses)[1].variable, "bias");
  EXPECT_NEAR((*losses)[1].value, 0.2, 1e-7);
}

TEST(LossesTest, FrozenLayersHaveNone) {
  Conv1DConfig config = Config();
  config.trainable = false;
  EXPECT_TRUE(WeightLosses(config, Ones())->empty());
}

TEST(LossesTest, WithLoraTheFactorsArePenalisedInsteadOfTheKernel) {
  Conv1DWeights weights = Ones();
  weights.lora_kernel_a = FromDoubles(DType::kFloat32, {3, 1, 1}, {1.0, 1.0, 1.0});
  weights.lora_kernel_b = FromDoubles(DType::kFloat32, {1, 2}, {2.0, 2.0});
  Conv1DConfig config = Config();
  config.lora_rank = 1;
  const auto losses = WeightLosses(config, weights);
  ASSERT_EQ(losses->size(), 2u);
  EXPECT_NEAR((*losses)[0].value, 0.03, 1e-12);
  EXPECT_NEAR((*losses)[1].value, 0.08, 1e-12);
}

TEST(LossesTest, AnOrthogonalRegularizerIsAnErrorWhenRead) {
  Conv1DConfig config = Config();
  config.kernel_regularizer->kind = RegularizerKind::kOrthogonal;
  EXPECT_FALSE(WeightLosses(config, Ones()).ok());
}

}  // namespace
}  // namespace convoy::layer
