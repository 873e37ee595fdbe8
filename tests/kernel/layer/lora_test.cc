#include "kernel/layer/lora.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "kernel/layer/conv1d.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::layer {
namespace {

using ::testing::ElementsAre;

// The layer of the golden vector: K = 2, C = 4, groups 2, F = 2, W = 0..7.
Conv1DConfig Config() {
  return {.filters = 2, .window = {.kernel_size = 2}, .groups = 2, .use_bias = false};
}

Tensor Counting(std::vector<int64_t> shape, int64_t first = 0) {
  int64_t count = 1;
  for (const int64_t dimension : shape) count *= dimension;
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), static_cast<double>(first));
  return FromDoubles(DType::kFloat32, std::move(shape), values);
}

TEST(LoraTest, TheEffectiveKernelIsMerged) {
  Conv1DConfig config = Config();
  config.lora_rank = 3;
  config.lora_alpha = 6;
  Conv1DWeights weights{.kernel = Counting({2, 2, 2}),
                        .lora_kernel_a = Counting({2, 2, 3}),
                        .lora_kernel_b = Counting({3, 2}, 1)};
  const auto layer = Conv1D::Build(config, 4, weights);
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_THAT(layer->kernel(), ElementsAre(26, 33, 82, 107, 138, 181, 194, 255));
  EXPECT_EQ(layer->variables().count_params, 8 + 12 + 6);
}

TEST(LoraTest, AMergedFileNeedsNoFactors) {
  Conv1DConfig config = Config();
  config.lora_rank = 3;
  const auto layer = Conv1D::Build(config, 4, {.kernel = Counting({2, 2, 2})});
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_THAT(layer->kernel(), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(LoraTest, EnablingItChangesNothingUntilTheFactorsDo) {
  Conv1DConfig config = Config();
  Conv1DWeights weights{.kernel = Counting({2, 2, 2})};
  ASSERT_TRUE(EnableLora({.rank = 2}, config, weights).ok());
  EXPECT_EQ(config.lora_rank, 2);
  EXPECT_EQ(weights.lora_kernel_a->shape, (std::vector<int64_t>{2, 2, 2}));
  EXPECT_EQ(weights.lora_kernel_b->shape, (std::vector<int64_t>{2, 2}));
  EXPECT_THAT(Conv1D::Build(config, 4, weights)->kernel(), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(LoraTest, RefusalsAreKeras) {
  Conv1DConfig config = Config();
  Conv1DWeights weights{.kernel = Counting({2, 2, 2})};
  EXPECT_EQ(EnableLora({.rank = 0}, config, weights).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(EnableLora({.rank = 2}, config, weights).ok());
  EXPECT_EQ(EnableLora({.rank = 2}, config, weights).message(),
            "lora is already enabled. This can only be done once per layer.");
  config.kernel_constraint = Constraint{};
  const absl::Status constrained = EnableLora({.rank = 2}, config, weights);
  EXPECT_EQ(constrained.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(constrained.message(),
            "Lora is incompatible with kernel constraints. In order to enable lora on this layer, "
            "remove the `kernel_constraint` argument.");
}

TEST(LoraTest, FactorsMustBelongToTheLayer) {
  Conv1DConfig config = Config();
  Conv1DWeights weights{.kernel = Counting({2, 2, 2}), .lora_kernel_a = Counting({2, 2, 3})};
  EXPECT_FALSE(Conv1D::Build(config, 4, weights).ok());
  weights.lora_kernel_b = Counting({3, 2});
  EXPECT_FALSE(Conv1D::Build(config, 4, weights).ok());
  config.lora_rank = 2;
  EXPECT_FALSE(Conv1D::Build(config, 4, weights).ok());
  config.lora_rank = 3;
  EXPECT_TRUE(Conv1D::Build(config, 4, weights).ok());
}

}  // namespace
}  // namespace convoy::layer
