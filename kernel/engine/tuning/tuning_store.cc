#include "kernel/engine/tuning/tuning_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/plan/tile_lengths.h"
#include "kernel/engine/tile/machine.h"
#include "kernel/engine/tile/problem.h"

namespace convoy::engine {
namespace {

// To be raised when statements or probed lengths change their meaning.
constexpr int kTunerVersion = 3;

// Whether what a store found can be ApplyTuning's.
bool Fits(const std::vector<TimedTile>& tuning, int64_t longest) {
  const std::vector<int64_t> lengths = TileLengths(longest);
  int64_t last = 0;
  for (const TimedTile& tile : tuning) {
    const int64_t outputs = tile.shape.outputs;
    const bool known = std::binary_search(lengths.begin(), lengths.end(), outputs);
    if (!known || outputs <= last || !(tile.seconds > 0)) return false;
    last = outputs;
  }
  return last == longest && tuning.front().shape.outputs == lengths.front();
}

}  // namespace

absl::StatusOr<std::vector<TimedTile>> FindOrTune(TuningStore& store, const layer::Conv1D& layer,
                                                  int64_t longest, const TuningOptions& options,
                                                  TileScratch& scratch) {
  const std::string key = TuningKey(layer);
  auto found = store.Find(key);
  if (found.has_value() && Fits(*found, longest)) return *std::move(found);
  CONVOY_ASSIGN_OR_RETURN(std::vector<TimedTile> tuning, Tune(layer, longest, options, scratch));
  store.Keep(key, tuning);
  return tuning;
}

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
