#include "kernel/engine/tile/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "kernel/engine/tile/machine.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::engine {
namespace {

std::shared_ptr<const layer::Conv1D> MakeLayer(int64_t kernel_size, int64_t strides,
                                               int64_t channels, int64_t groups = 1) {
  layer::Conv1DConfig config;
  config.filters = channels;
  config.groups = groups;
  config.window.kernel_size = kernel_size;
  config.window.strides = strides;
  testing::Random random(1);
  return testing::LayerOf(config, channels, random);
}

bool Folds(const layer::Conv1D& layer) {
  const std::vector<Statement> candidates = CandidateStatements(layer);
  return std::any_of(candidates.begin(), candidates.end(),
                     [](const Statement& statement) { return statement.fold > 0; });
}

TEST(StatementTest, ReadsAsPeopleSayIt) {
  EXPECT_EQ(ToString({}), "1-D");
  EXPECT_EQ(ToString({.spatial_dimensions = 2, .implementation = 1}), "2-D, implementation 2");
  EXPECT_EQ(ToString({.fold = 4}), "1-D, 4 outputs per row");
  EXPECT_EQ(ToString({.bfloat16 = true}), "1-D, bfloat16");
  EXPECT_EQ(ToString({.matmul = true}), "matmul");
  EXPECT_EQ(ToString({.points = 6}), "Toom-Cook, 6 points");
}

// Stated in one dimension they fall to a slow implementation.
TEST(StatementTest, DepthwiseLayersAreImagesAndOthersAreNot) {
  EXPECT_EQ(DefaultStatement(*MakeLayer(3, 1, 8, 8)).spatial_dimensions, 2);
  EXPECT_EQ(DefaultStatement(*MakeLayer(3, 1, 8, 4)).spatial_dimensions, 1);
  EXPECT_EQ(DefaultStatement(*MakeLayer(3, 1, 1)).spatial_dimensions, 1);
}

TEST(StatementTest, CandidatesAreDistinctAndBeginWithTheDefaultOne) {
  for (const auto& layer : {MakeLayer(3, 1, 8, 8), MakeLayer(251, 1, 1), MakeLayer(3, 2, 64)}) {
    const std::vector<Statement> candidates = CandidateStatements(*layer);
    EXPECT_EQ(candidates.front(), DefaultStatement(*layer));
    EXPECT_GT(candidates.size(), 1u);
    for (size_t i = 0; i < candidates.size(); ++i) {
      EXPECT_EQ(std::count(candidates.begin(), candidates.end(), candidates[i]), 1) << i;
    }
  }
}

TEST(StatementTest, Bfloat16IsForLayersOfThatTypeWhereTheProcessorHasIt) {
  layer::Conv1DConfig config;
  config.filters = 4;
  config.window.kernel_size = 3;
  testing::Random random(1);
  for (const layer::DType dtype :
       {layer::DType::kFloat32, layer::DType::kFloat16, layer::DType::kBfloat16}) {
    config.dtype_policy = {layer::DType::kFloat32, dtype};
    const auto layer = testing::LayerOf(config, 2, random);
    const bool expected = dtype == layer::DType::kBfloat16 && HasBfloat16();
    EXPECT_EQ(DefaultStatement(*layer).bfloat16, expected);
    const std::vector<Statement> candidates = CandidateStatements(*layer);
    // Float32 stays a candidate: it may be faster.
    EXPECT_FALSE(candidates.back().bfloat16);
    EXPECT_EQ(candidates[1].bfloat16, expected);
  }
}

TEST(StatementTest, WindowsThatDoNotOverlapMayBeAMatmul) {
  const auto is_candidate = [](const layer::Conv1D& layer) {
    const std::vector<Statement> candidates = CandidateStatements(layer);
    return std::any_of(candidates.begin(), candidates.end(),
                       [](const Statement& statement) { return statement.matmul; });
  };
  EXPECT_TRUE(is_candidate(*MakeLayer(1, 1, 8)));
  EXPECT_TRUE(is_candidate(*MakeLayer(2, 2, 8)));
  EXPECT_TRUE(is_candidate(*MakeLayer(2, 5, 8)));
  EXPECT_FALSE(is_candidate(*MakeLayer(3, 2, 8)));
  EXPECT_FALSE(is_candidate(*MakeLayer(1, 1, 8, 2)));
}

TEST(StatementTest, ToomCookIsForDenseFloat32WithShortKernelsUnlessOnlyDirectOnesMayBe) {
  const auto points = [](const layer::Conv1D& layer, Algorithm algorithm = Algorithm::kAuto) {
    std::vector<int> points;
    for (const Statement& statement : CandidateStatements(layer, algorithm)) {
      if (!statement.direct()) points.push_back(statement.points);
    }
    return points;
  };
  using Points = std::vector<int>;
  if (!HasAvx2()) {
    EXPECT_EQ(points(*MakeLayer(3, 1, 64)), Points());
    return;
  }
  EXPECT_EQ(points(*MakeLayer(2, 1, 64)), (Points{4, 6}));
  EXPECT_EQ(points(*MakeLayer(3, 1, 64)), (Points{4, 6}));
  EXPECT_EQ(points(*MakeLayer(5, 1, 64)), (Points{6, 8}));
  EXPECT_EQ(points(*MakeLayer(7, 1, 64)), Points{8});
  EXPECT_EQ(points(*MakeLayer(3, 1, 64), Algorithm::kDirect), Points());
  EXPECT_EQ(points(*MakeLayer(1, 1, 64)), Points());
  EXPECT_EQ(points(*MakeLayer(8, 1, 64)), Points());
  EXPECT_EQ(points(*MakeLayer(3, 2, 64)), Points());
  EXPECT_EQ(points(*MakeLayer(3, 1, 64, 2)), Points());
  EXPECT_EQ(points(*MakeLayer(3, 1, 16)), Points());
  EXPECT_EQ(points(*MakeLayer(3, 1, 65)), Points());
}

TEST(StatementTest, LongKernelsOverFewChannelsAreFolded) {
  EXPECT_TRUE(Folds(*MakeLayer(251, 1, 1)));
  EXPECT_FALSE(Folds(*MakeLayer(1, 1, 1)));
  EXPECT_FALSE(Folds(*MakeLayer(3, 1, 2048)));
  EXPECT_FALSE(Folds(*MakeLayer(251, 1, 2, 2)));
}

}  // namespace
}  // namespace convoy::engine
