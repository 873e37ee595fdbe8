#include "kernel/engine/tile/problem.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

using ::convoy::testing::LayerOf;
using ::convoy::testing::Random;
using ::convoy::testing::RandomFloats;

std::shared_ptr<const layer::Conv1D> MakeLayer(int64_t kernel_size, int64_t strides,
                                               int64_t channels, int64_t filters,
                                               int64_t dilation_rate = 1, int64_t groups = 1) {
  layer::Conv1DConfig config;
  config.filters = filters;
  config.groups = groups;
  config.window.kernel_size = kernel_size;
  config.window.strides = strides;
  config.window.dilation_rate = dilation_rate;
  Random random(1);
  return LayerOf(config, channels, random);
}

// Output row `row` of the problem without groups and dilation, by the definition.
std::vector<double> OutputRow(const Problem& problem, const std::vector<float>& source,
                              int64_t row) {
  std::vector<double> outputs(problem.bias().begin(), problem.bias().end());
  outputs.resize(problem.size().filters, 0.0);
  for (int64_t k = 0; k < problem.size().kernel_size; ++k) {
    for (int64_t c = 0; c < problem.size().channels; ++c) {
      const int64_t frame = row * problem.size().strides + k;
      const double value = source.at(frame * problem.size().channels + c);
      const float* weights =
          problem.kernel().data() + (k * problem.size().channels + c) * problem.size().filters;
      for (int64_t f = 0; f < problem.size().filters; ++f) outputs[f] += value * weights[f];
    }
  }
  return outputs;
}

TEST(ProblemTest, TheLayersOwnProblemRefersToItsWeights) {
  const auto layer = MakeLayer(3, 2, 4, 6, 1, 2);
  const Problem problem(*layer);
  EXPECT_EQ(problem.size().groups, 2);
  EXPECT_EQ(problem.size().channels, 4);
  EXPECT_EQ(problem.size().filters, 6);
  EXPECT_EQ(problem.size().kernel_size, 3);
  EXPECT_EQ(problem.size().strides, 2);
  EXPECT_EQ(problem.kernel().data(), layer->kernel().data());
  EXPECT_EQ(problem.bias().data(), layer->bias().data());
}

TEST(ProblemTest, SourceFramesReachFromTheFirstToTheLastTap) {
  const auto dilated = MakeLayer(3, 1, 1, 1, 4);
  EXPECT_EQ(Problem(*dilated).size().SourceFrames(1), 9);
  EXPECT_EQ(Problem(*dilated).size().SourceFrames(5), 13);
  const auto strided = MakeLayer(3, 2, 1, 1);
  EXPECT_EQ(Problem(*strided).size().SourceFrames(5), 11);
}

TEST(ProblemTest, GroupsDilationsAndSingleTapsAreNotFoldable) {
  EXPECT_TRUE(Problem::Foldable(*MakeLayer(2, 1, 2, 2)));
  EXPECT_TRUE(Problem::Foldable(*MakeLayer(5, 3, 2, 2)));
  EXPECT_FALSE(Problem::Foldable(*MakeLayer(1, 1, 2, 2)));
  EXPECT_FALSE(Problem::Foldable(*MakeLayer(2, 1, 2, 2, 2)));
  EXPECT_FALSE(Problem::Foldable(*MakeLayer(2, 1, 2, 2, 1, 2)));
}

TEST(ProblemTest, AFoldedProblemHasRowsForFrames) {
  const auto layer = MakeLayer(5, 2, 3, 4);
  const Problem folded = Problem::Folded(*layer, 4);
  EXPECT_EQ(folded.size().channels, 2 * 4 * 3);
  EXPECT_EQ(folded.size().filters, 4 * 4);
  EXPECT_EQ(folded.size().strides, 1);
  // Four windows of five frames, two apart, are 11 frames: two rows of eight.
  EXPECT_EQ(folded.size().kernel_size, 2);
  EXPECT_EQ(folded.kernel().size(), 2u * 24 * 16);
  EXPECT_EQ(folded.bias().size(), 16u);
}

TEST(ProblemTest, AFoldedProblemGivesTheSameFrames) {
  Random random(2);
  for (int64_t kernel_size = 2; kernel_size <= 9; ++kernel_size) {
    for (int64_t strides = 1; strides <= 4; ++strides) {
      for (const int64_t fold : {1, 2, 3, 8}) {
        const auto layer = MakeLayer(kernel_size, strides, 2, 3);
        const Problem plain(*layer);
        const Problem folded = Problem::Folded(*layer, fold);
        const std::vector<float> source =
            RandomFloats(random, folded.size().SourceFrames(2) * folded.size().channels);
        for (int64_t row = 0; row < 2; ++row) {
          const std::vector<double> frames = OutputRow(folded, source, row);
          for (int64_t p = 0; p < fold; ++p) {
            const std::vector<double> expected = OutputRow(plain, source, row * fold + p);
            for (int64_t f = 0; f < 3; ++f) ASSERT_NEAR(frames[p * 3 + f], expected[f], 1e-9);
          }
        }
      }
    }
  }
}

TEST(ProblemTest, MovingKeepsTheFoldedWeights) {
  const auto layer = MakeLayer(3, 1, 2, 2);
  Problem folded = Problem::Folded(*layer, 2);
  const std::vector<float> kernel(folded.kernel().begin(), folded.kernel().end());
  const Problem moved = std::move(folded);
  EXPECT_EQ(std::vector<float>(moved.kernel().begin(), moved.kernel().end()), kernel);
}

}  // namespace
}  // namespace convoy::engine
