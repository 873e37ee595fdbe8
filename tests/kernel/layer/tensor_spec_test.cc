#include "kernel/layer/tensor_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/kernel/support/layer_builder.h"

namespace convoy::layer {
namespace {

using ::testing::ElementsAre;

Conv1D Layer(Conv1DConfig config) {
  config.filters = 4;
  config.use_bias = false;
  return testing::MakeLayer(config, 3, std::vector<float>(12, 1.0f)).value();
}

TEST(TensorSpecTest, SpecsHaveTheDtypesAndTheChannelsAndLeaveTheRestFree) {
  const Conv1D last = Layer({.dtype_policy = {DType::kFloat32, DType::kBfloat16},
                             .activation = ActivationFromName("glu").value()});
  EXPECT_EQ(InputSpec(last).dtype, DType::kBfloat16);
  EXPECT_THAT(InputSpec(last).shape, ElementsAre(-1, -1, 3));
  EXPECT_EQ(OutputSpec(last).dtype, DType::kBfloat16);
  EXPECT_THAT(OutputSpec(last).shape, ElementsAre(-1, -1, 2));
  const Conv1D first = Layer({.data_format = DataFormat::kChannelsFirst});
  EXPECT_THAT(InputSpec(first).shape, ElementsAre(-1, 3, -1));
  EXPECT_THAT(OutputSpec(first).shape, ElementsAre(-1, 4, -1));
}

}  // namespace
}  // namespace convoy::layer
