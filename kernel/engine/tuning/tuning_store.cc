#include "kernel/engine/tuning/tuning_store.h"

#include "absl/strings/str_cat.h"
#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tile/problem.h"

namespace convoy::engine {
namespace {

// To be raised when statements or probed lengths change their meaning.
constexpr int kTunerVersion = 3;

}  // namespace

std::string TuningKey(const layer::Conv1D& layer) {
  const Problem problem(layer);
  const ProblemSize& size = problem.size();
  return absl::StrCat(
      "groups=", size.groups, " channels=", size.channels, " filters=", size.filters,
      " kernel=", size.kernel_size, " strides=", size.strides, " dilation=", size.dilation_rate,
      " bias=", problem.bias().empty() ? 0 : 1,
      " dtype=", layer.compute_dtype() == layer::DType::kBfloat16 ? "bfloat16" : "float32");
}

std::string TuningMachine() { return absl::StrCat(DescribeMachine(), ", tuner ", kTunerVersion); }

}  // namespace convoy::engine
