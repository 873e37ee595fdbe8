#include "kernel/engine/tuning/tuning_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tile/problem.h"
#include "kernel/engine/tile/toom_bounds.h"
#include "kernel/engine/tile/toom_cook.h"

namespace convoy::engine {
namespace {

// To be raised when statements or probed lengths change their meaning.
constexpr int kTunerVersion = 4;

// " points=6,8": of the Toom-Cook statements that suit the first filters.
std::string SuitingPoints(const layer::Conv1D& layer) {
  constexpr int64_t kFilters = 4;
  const Problem problem(layer);
  std::string text;
  for (const Statement& statement : CandidateStatements(layer)) {
    if (statement.direct()) continue;
    const ToomCook cook(statement.points, static_cast<int>(problem.size().kernel_size));
    if (!ToomBounds(cook, problem, std::min(kFilters, problem.size().filters)).Suits()) continue;
    absl::StrAppend(&text, text.empty() ? " points=" : ",", statement.points);
  }
  return text;
}

}  // namespace

std::string TuningKey(const layer::Conv1D& layer, Algorithm algorithm) {
  const Problem problem(layer);
  const ProblemSize& size = problem.size();
  return absl::StrCat(
      "groups=", size.groups, " channels=", size.channels, " filters=", size.filters,
      " kernel=", size.kernel_size, " strides=", size.strides, " dilation=", size.dilation_rate,
      " bias=", problem.bias().empty() ? 0 : 1,
      " dtype=", layer.compute_dtype() == layer::DType::kBfloat16 ? "bfloat16" : "float32",
      algorithm == Algorithm::kDirect ? "" : SuitingPoints(layer));
}

std::string TuningMachine() { return absl::StrCat(DescribeMachine(), ", tuner ", kTunerVersion); }

}  // namespace convoy::engine
