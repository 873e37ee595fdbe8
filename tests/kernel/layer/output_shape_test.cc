#include "kernel/layer/output_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace convoy::layer {
namespace {

using ::testing::ElementsAre;

Conv1DConfig Config(DataFormat data_format = DataFormat::kChannelsLast,
                    const char* activation = "linear") {
  return {.filters = 4,
          .window = {.kernel_size = 3},
          .data_format = data_format,
          .activation = ActivationFromName(activation).value()};
}

TEST(OutputShapeTest, UnknownDimensionsStayUnknown) {
  EXPECT_THAT(*ComputeOutputShape(Config(), {-1, 9, 3}), ElementsAre(-1, 7, 4));
  EXPECT_THAT(*ComputeOutputShape(Config(), {2, -1, 3}), ElementsAre(2, -1, 4));
  EXPECT_THAT(*ComputeOutputShape(Config(DataFormat::kChannelsFirst), {-1, 3, 9}),
              ElementsAre(-1, 4, 7));
}

TEST(OutputShapeTest, GluHalvesItsAxis) {
  EXPECT_THAT(*ComputeOutputShape(Config(DataFormat::kChannelsLast, "glu"), {1, 9, 3}),
              ElementsAre(1, 7, 2));
  const Conv1DConfig first = Config(DataFormat::kChannelsFirst, "glu");
  EXPECT_THAT(*ComputeOutputShape(first, {1, 3, 8}), ElementsAre(1, 4, 3));
  EXPECT_THAT(*ComputeOutputShape(first, {1, 3, -1}), ElementsAre(1, 4, -1));
  EXPECT_EQ(ComputeOutputShape(first, {1, 3, 9}).status().message(),
            "axis size must be divisible by 2. Received: x.shape=(1, 4, 7) with axis=-1");
}

TEST(OutputShapeTest, ShapesWithoutAnAnswerAreRefused) {
  EXPECT_FALSE(ComputeOutputShape(Config(), {2, 2, 3}).ok());
  EXPECT_FALSE(ComputeOutputShape(Config(), {2, 9}).ok());
  EXPECT_FALSE(ComputeOutputShape(Config(), {}).ok());
  EXPECT_FALSE(ComputeOutputShape(Config(), {2, 9, 3, 1}).ok());
}

}  // namespace
}  // namespace convoy::layer
