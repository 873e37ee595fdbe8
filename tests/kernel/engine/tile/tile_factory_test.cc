#include "kernel/engine/tile/tile_factory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "kernel/engine/tile/machine.h"
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

TEST(TileFactoryTest, MakesATileOfTheStatement) {
  const auto layer = MakeLayer();
  TileFactory factory(*layer);
  EXPECT_THAT(factory.Create({}, {1, 8}).value()->Describe(), StartsWith("1-D: "));
  EXPECT_THAT(factory.Create({.spatial_dimensions = 2}, {1, 8}).value()->Describe(),
              StartsWith("2-D: "));
  EXPECT_THAT(factory.Create({.fold = 4}, {1, 8}).value()->Describe(),
              StartsWith("1-D, 4 outputs per row: "));
}

// The processor multiplies pairs of channels: without care the last channel of the
// first group would bring zero times the first channel of the second.
TEST(TileFactoryTest, ABfloat16TileKeepsAnInfinityToItsGroupAndItsFrames) {
  if (!HasBfloat16()) GTEST_SKIP() << "this processor has neither AMX nor AVX512-BF16";
  constexpr int64_t kChannels = 10;
  constexpr int64_t kOutputs = 8;
  layer::Conv1DConfig config;
  config.filters = 2;
  config.groups = 2;
  config.window.kernel_size = 3;
  config.dtype_policy.compute_dtype = layer::DType::kBfloat16;
  testing::Random random(1);
  const auto layer = testing::LayerOf(config, kChannels, random);
  TileFactory factory(*layer);
  ASSERT_TRUE(DefaultStatement(*layer).bfloat16);
  const auto tile = factory.Create(DefaultStatement(*layer), {1, kOutputs}).value();
  TileScratch scratch;
  std::vector<float> source(tile->source_frames() * kChannels, 1.0f);
  source[5 * kChannels + 5] = std::numeric_limits<float>::infinity();
  std::vector<float> target(kOutputs * 2);
  ASSERT_TRUE(tile->Run(source.data(), target.data(), scratch).ok());
  for (int64_t o = 0; o < kOutputs; ++o) {
    EXPECT_TRUE(std::isfinite(target[2 * o])) << o;
    EXPECT_EQ(std::isfinite(target[2 * o + 1]), o < 3 || o > 5) << o;
  }
}

TEST(TileFactoryTest, OutputsThatAreNoWholeRowsAreRefused) {
  const auto layer = MakeLayer();
  TileFactory factory(*layer);
  EXPECT_EQ(factory.Create({.fold = 4}, {1, 4}).value()->shape().outputs, 4);
  for (const int64_t outputs : {3, 5}) {
    const absl::Status status = factory.Create({.fold = 4}, {1, outputs}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("a multiple of 4"));
  }
}

TEST(TileFactoryTest, AFoldedStatementDoesNotSpanTwoSequences) {
  const auto layer = MakeLayer();
  TileFactory factory(*layer);
  EXPECT_EQ(factory.Create({}, {2, 8}).value()->shape().frames(), 16);
  EXPECT_TRUE(absl::IsInvalidArgument(factory.Create({.fold = 4}, {2, 8}).status()));
}

TEST(TileFactoryTest, AFormLivesAsLongAsATileThatUsesIt) {
  const auto layer = MakeLayer();
  TileFactory factory(*layer);
  auto folded = factory.Create({.fold = 2}, {1, 64}).value();
  EXPECT_GT(factory.bytes(), 0u);
  folded.reset();
  EXPECT_EQ(factory.bytes(), 0u);
}

TEST(TileFactoryTest, AnImplementationThatOneDnnDoesNotOfferIsUnimplemented) {
  const auto layer = MakeLayer();
  TileFactory factory(*layer);
  EXPECT_TRUE(absl::IsUnimplemented(factory.Create({.implementation = 99}, {1, 8}).status()));
}

TEST(TileFactoryTest, WeightsAreKeptOncePerForm) {
  const auto layer = MakeLayer();
  TileFactory factory(*layer);
  EXPECT_EQ(factory.bytes(), 0u);
  const auto plain = factory.Create({}, {1, 64}).value();
  const size_t bytes = factory.bytes();
  EXPECT_GE(bytes, 8u * 4 * 16 * sizeof(float));
  const auto again = factory.Create({}, {1, 64}).value();
  EXPECT_EQ(factory.bytes(), bytes);
  const auto folded = factory.Create({.fold = 2}, {1, 64}).value();
  EXPECT_GT(factory.bytes(), bytes);
}

}  // namespace
}  // namespace convoy::engine
