#include "kernel/engine/kernel_factory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::shared_ptr<const layer::Conv1D> MakeLayer() {
  layer::Conv1DConfig config;
  config.filters = 16;
  config.window.kernel_size = 8;
  testing::Random random(1);
  return testing::LayerOf(config, 4, random);
}

TEST(KernelFactoryTest, MakesAKernelOfTheStatement) {
  const auto layer = MakeLayer();
  KernelFactory factory(*layer);
  EXPECT_THAT(factory.Create({}, 8).value()->Describe(), StartsWith("1-D: "));
  EXPECT_THAT(factory.Create({.spatial_dimensions = 2}, 8).value()->Describe(),
              StartsWith("2-D: "));
  EXPECT_THAT(factory.Create({.fold = 4}, 8).value()->Describe(),
              StartsWith("1-D, 4 outputs a row: "));
}

TEST(KernelFactoryTest, OutputsThatAreNoWholeRowsAreRefused) {
  const auto layer = MakeLayer();
  KernelFactory factory(*layer);
  EXPECT_EQ(factory.Create({.fold = 4}, 4).value()->outputs(), 4);
  for (const int64_t outputs : {3, 5}) {
    const absl::Status status = factory.Create({.fold = 4}, outputs).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("a multiple of 4"));
  }
}

TEST(KernelFactoryTest, AnImplementationThatOneDnnDoesNotOfferIsUnimplemented) {
  const auto layer = MakeLayer();
  KernelFactory factory(*layer);
  EXPECT_TRUE(absl::IsUnimplemented(factory.Create({.implementation = 99}, 8).status()));
}

TEST(KernelFactoryTest, WeightsAreKeptOncePerForm) {
  const auto layer = MakeLayer();
  KernelFactory factory(*layer);
  EXPECT_EQ(factory.bytes(), 0u);
  const auto plain = factory.Create({}, 64).value();
  const size_t bytes = factory.bytes();
  EXPECT_GE(bytes, 8u * 4 * 16 * sizeof(float));
  const auto again = factory.Create({}, 64).value();
  EXPECT_EQ(factory.bytes(), bytes);
  const auto folded = factory.Create({.fold = 2}, 64).value();
  EXPECT_GT(factory.bytes(), bytes);
}

}  // namespace
}  // namespace convoy::engine
