#include "kernel/engine/tile_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;

std::shared_ptr<const layer::Conv1D> MakeLayer() {
  layer::Conv1DConfig config;
  config.filters = 32;
  config.window.kernel_size = 3;
  Random random(1);
  return LayerOf(config, 16, random);
}

std::vector<Statement> DefaultStatements(const layer::Conv1D& layer, size_t count) {
  return std::vector<Statement>(count, DefaultStatement(layer));
}

TEST(TileKernelsTest, AKernelComputesAsManyOutputsAsItsLengthSays) {
  const auto layer = MakeLayer();
  TileKernels kernels(*layer, {1, 4, 64}, DefaultStatements(*layer, 3));
  EXPECT_THAT(kernels.lengths(), ::testing::ElementsAre(1, 4, 64));
  for (int index = 0; index < 3; ++index) {
    EXPECT_EQ(kernels.Get(index).value()->outputs(), kernels.lengths()[index]);
  }
}

TEST(TileKernelsTest, AKernelIsMadeOnceAndWhenFirstNeeded) {
  const auto layer = MakeLayer();
  TileKernels kernels(*layer, {1, 4, 64}, DefaultStatements(*layer, 3));
  EXPECT_EQ(kernels.bytes(), 0u);
  const TileKernel* first = kernels.Get(1).value();
  const size_t bytes = kernels.bytes();
  EXPECT_GT(bytes, 0u);
  EXPECT_EQ(kernels.Get(1).value(), first);
  EXPECT_EQ(kernels.bytes(), bytes);
  EXPECT_NE(kernels.Get(2).value(), first);
  EXPECT_GT(kernels.bytes(), bytes);
}

TEST(TileKernelsTest, AStatementThatDoesNotSuitALengthGivesWayToTheDefaultOne) {
  const auto layer = MakeLayer();
  TileKernels kernels(*layer, {3, 4}, {{.fold = 4}, {.fold = 4}});
  EXPECT_THAT(kernels.Get(0).value()->Describe(), ::testing::StartsWith("1-D: "));
  EXPECT_THAT(kernels.Get(1).value()->Describe(), ::testing::StartsWith("1-D, 4 outputs a row"));
  EXPECT_EQ(kernels.Get(0).value()->outputs(), 3);
  EXPECT_EQ(kernels.Get(1).value()->outputs(), 4);
}

TEST(TileKernelsTest, DescribesEachRunOfLengthsAndTheLongestKernelOnceItIsMade) {
  const auto layer = MakeLayer();
  TileKernels kernels(*layer, {1, 2, 4, 8}, {{}, {}, {.fold = 4}, {.fold = 4}});
  EXPECT_EQ(kernels.Describe(), "1..2: 1-D; 4..8: 1-D, 4 outputs a row");
  ASSERT_TRUE(kernels.Get(3).ok());
  EXPECT_THAT(kernels.Describe(),
              ::testing::StartsWith("1..2: 1-D; 4..8: 1-D, 4 outputs a row (1-D, 4 outputs"));
}

// All threads run the kernels that all of them make at the same time, each with
// its own workspace; every answer is the one that a single thread got.
TEST(TileKernelsTest, ThreadsMakeAndRunTheSameKernels) {
  constexpr int kThreads = 4;
  const auto layer = MakeLayer();
  const std::vector<int64_t> lengths = {1, 2, 3, 5, 8, 13, 21, 34};
  Random random(2);
  const std::vector<float> source = RandomFloats(random, 64 * 16);
  const auto run = [&](TileKernels& kernels, std::vector<std::vector<float>>& answers) {
    omp_set_num_threads(1);  // as every thread that runs kernels
    batch::BufferPool pool(1 << 20);
    Workspace workspace(pool);
    for (int index = 0; index < static_cast<int>(lengths.size()); ++index) {
      const TileKernel* kernel = kernels.Get(index).value();
      answers.emplace_back(kernel->outputs() * 32);
      for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(kernel->Run(source.data(), answers.back().data(), workspace).ok());
      }
    }
  };
  TileKernels alone(*layer, lengths, DefaultStatements(*layer, lengths.size()));
  std::vector<std::vector<float>> expected;
  run(alone, expected);
  TileKernels shared(*layer, lengths, DefaultStatements(*layer, lengths.size()));
  std::vector<std::vector<std::vector<float>>> answers(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : answers) threads.emplace_back([&] { run(shared, mine); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : answers) EXPECT_EQ(mine, expected);
}

}  // namespace
}  // namespace convoy::engine
