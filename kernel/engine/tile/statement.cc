#include "kernel/engine/tile/statement.h"

#include "absl/strings/str_cat.h"
#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tile/problem.h"
#include "kernel/engine/tile/toom_weights.h"

namespace convoy::engine {
namespace {

// Depthwise as a one-dimensional problem falls to gemm (2.8 GF/s); stated as an
// image of height 1 the same problem runs at 45 to 92 GF/s.
bool IsDepthwise(const layer::Conv1D& layer) {
  return layer.config().groups > 1 && layer.config().groups == layer.input_channels();
}

// Whether a row of `fold` outputs multiplies few enough zeros, and is not wider
// than helps: folding is for few channels and long kernels.
bool FoldingPays(const layer::Conv1D& layer, int fold) {
  const layer::Window& window = layer.config().window;
  if (!Problem::Foldable(layer) || (fold == 1 && window.strides == 1)) return false;
  const int64_t row = window.strides * fold;
  const int64_t taps = (fold - 1) * window.strides + window.kernel_size;
  const int64_t rows = (taps + row - 1) / row;
  const double multiplied =
      static_cast<double>(rows * row) / static_cast<double>(window.kernel_size);
  constexpr double kMostMultiplied = 1.6;
  constexpr int64_t kMostChannels = 1024;
  constexpr int64_t kMostWeights = int64_t{4} << 20;
  const int64_t channels = row * layer.input_channels();
  const int64_t weights = rows * channels * fold * layer.config().filters;
  return multiplied <= kMostMultiplied && channels <= kMostChannels && weights <= kMostWeights;
}

// Whether each output takes few enough products, from few enough points to be exact on
// ordinary signals, and vectors are long enough to pay for the transforms.
bool ToomCookPays(const layer::Conv1D& layer, int points) {
  constexpr int64_t kLeast = 32;
  constexpr int64_t kMostOutputs = 5;  // more are too inexact
  if (layer.compute_dtype() != layer::DType::kFloat32 || !HasAvx2()) return false;
  const ProblemSize size = Problem(layer).size();
  const int64_t outputs = points - size.kernel_size + 1;
  return ToomWeights::Fits(size, points) && outputs <= kMostOutputs && size.channels >= kLeast &&
         size.filters >= kLeast;
}

}  // namespace

std::string ToString(const Statement& statement) {
  if (!statement.direct()) return absl::StrCat("Toom-Cook, ", statement.points, " points");
  std::string text = statement.matmul ? "matmul" : absl::StrCat(statement.spatial_dimensions, "-D");
  if (statement.implementation > 0) {
    absl::StrAppend(&text, ", implementation ", statement.implementation + 1);
  }
  if (statement.fold > 0) absl::StrAppend(&text, ", ", statement.fold, " outputs per row");
  if (statement.bfloat16) absl::StrAppend(&text, ", bfloat16");
  return text;
}

Statement DefaultStatement(const layer::Conv1D& layer) {
  Statement statement;
  if (IsDepthwise(layer)) statement.spatial_dimensions = 2;
  statement.bfloat16 = layer.compute_dtype() == layer::DType::kBfloat16 && HasBfloat16();
  return statement;
}

std::vector<Statement> CandidateStatements(const layer::Conv1D& layer, Algorithm algorithm) {
  std::vector<Statement> candidates = {DefaultStatement(layer)};
  const bool bfloat16 = candidates.front().bfloat16;
  const auto add = [&](Statement statement) {
    statement.bfloat16 = bfloat16;
    candidates.push_back(statement);
  };
  if (IsDepthwise(layer)) {
    add({.spatial_dimensions = 2, .implementation = 1});
  } else {
    if (Problem(layer).size().IsMatmul()) add({.matmul = true});
    for (const int fold : {1, 2, 4, 8}) {
      if (FoldingPays(layer, fold)) add({.fold = fold});
    }
    add({.spatial_dimensions = 1, .implementation = 1});
    add({.spatial_dimensions = 2});
    add({.spatial_dimensions = 2, .implementation = 1});
  }
  if (bfloat16) {
    candidates.push_back(candidates.front());
    candidates.back().bfloat16 = false;
  }
  if (algorithm == Algorithm::kAuto) {
    for (const int points : {4, 6, 8}) {
      if (ToomCookPays(layer, points)) candidates.push_back({.points = points});
    }
  }
  return candidates;
}

}  // namespace convoy::engine
