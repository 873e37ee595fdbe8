#include "kernel/layer/losses.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernel/layer/keras_json.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

using nlohmann::json;

Conv1DConfig Config(const std::string& extra) {
  return *ParseConv1DConfig(json::parse(R"({"filters": 2, "kernel_size": 3)" + extra + "}"));
}

Conv1DWeights Ones() {
  return {.kernel = FromDoubles(DType::kFloat32, {3, 1, 2}, std::vector<double>(6, 1.0)),
          .bias = FromDoubles(DType::kFloat32, {2}, {1.0, 1.0})};
}

TEST(LossesTest, KernelComesBeforeBias) {
  const auto losses = WeightLosses(Config(R"(, "kernel_regularizer": "l2", "bias_regularizer":
                {"class_name": "L1", "config": {"l1": 0.1}})"),
                                   Ones());
  ASSERT_TRUE(losses.ok()) << losses.status();
  ASSERT_EQ(losses->size(), 2u);
  EXPECT_EQ((*losses)[0].variable, "kernel");
  EXPECT_NEAR((*losses)[0].value, 0.06, 1e-12);
  EXPECT_EQ((*losses)[1].variable, "bias");
  EXPECT_NEAR((*losses)[1].value, 0.2, 1e-7);
}

TEST(LossesTest, FrozenLayersHaveNone) {
  EXPECT_TRUE(
      WeightLosses(Config(R"(, "kernel_regularizer": "l2", "trainable": false)"), Ones())->empty());
}

TEST(LossesTest, WithLoraTheFactorsArePenalisedInsteadOfTheKernel) {
  Conv1DWeights weights = Ones();
  weights.lora_kernel_a = FromDoubles(DType::kFloat32, {3, 1, 1}, {1.0, 1.0, 1.0});
  weights.lora_kernel_b = FromDoubles(DType::kFloat32, {1, 2}, {2.0, 2.0});
  const auto losses =
      WeightLosses(Config(R"(, "kernel_regularizer": "l2", "lora_rank": 1)"), weights);
  ASSERT_EQ(losses->size(), 2u);
  EXPECT_NEAR((*losses)[0].value, 0.03, 1e-12);
  EXPECT_NEAR((*losses)[1].value, 0.08, 1e-12);
}

TEST(LossesTest, AnOrthogonalRegularizerIsAnErrorWhenRead) {
  EXPECT_FALSE(
      WeightLosses(Config(R"(, "kernel_regularizer": "orthogonal_regularizer")"), Ones()).ok());
}

TEST(LossesTest, ActivityIsPerSequence) {
  const Conv1DConfig config = Config(R"(, "activity_regularizer":
      {"class_name": "L1L2", "config": {"l1": 0.5, "l2": 0.25}})");
  // Four sequences of 3 x 2 values of 4.
  EXPECT_NEAR(*ActivityLoss(config, {4, 3, 2}, std::vector<double>(24, 4.0)), 36.0, 1e-12);
  EXPECT_EQ(*ActivityLoss(config, {0, 3, 2}, {}), 0.0);
  EXPECT_EQ(*ActivityLoss(Config(""), {4, 3, 2}, std::vector<double>(24, 4.0)), 0.0);
}

}  // namespace
}  // namespace convoy::layer
