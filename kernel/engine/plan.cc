#include "kernel/engine/plan.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace convoy::engine {
namespace {

// A run longer than this gains nothing more: its calls are long already.
constexpr size_t kLongestRun = 64;

}  // namespace

void Plan::Make(const batch::Packing& packing, const TileCosts& costs) {
  tiles_.clear();
  targets_.clear();
  source_end_ = 0;
  target_end_ = 0;
  ListSequences(packing);
  ChooseRuns(costs);
  int64_t target = 0;
  for (size_t i = 0; i < sequences_.size(); i += run_length_[i]) {
    target += EmitRun(i, run_length_[i], target, costs);
  }
}

void Plan::ListSequences(const batch::Packing& packing) {
  sequences_.clear();
  for (const batch::Placement& placement : packing.placements()) {
    if (placement.frames.output == 0) continue;
    for (int64_t n = 0; n < placement.sequences; ++n) {
      sequences_.push_back(
          {placement.first_output + n * placement.output_pitch, placement.frames.output});
    }
  }
}

// Dynamic programming from the end: the cheapest cost of all sequences from i
// on, and how many of them the first run takes.
void Plan::ChooseRuns(const TileCosts& costs) {
  const size_t count = sequences_.size();
  cost_from_.assign(count + 1, 0.0);
  run_length_.assign(count, 1);
  for (size_t i = count; i-- > 0;) {
    double best = std::numeric_limits<double>::infinity();
    const size_t limit = std::min(count, i + kLongestRun);
    for (size_t j = i; j < limit; ++j) {
      const int64_t outputs =
          sequences_[j].first_output + sequences_[j].outputs - sequences_[i].first_output;
      const double cost = costs.Cover(outputs) + cost_from_[j + 1];
      if (cost < best) {
        best = cost;
        run_length_[i] = static_cast<int32_t>(j - i + 1);
      }
      // Beyond a few whole tiles a longer run saves no call.
      if (outputs > 4 * costs.longest()) break;
    }
    cost_from_[i] = best;
  }
}

int64_t Plan::EmitRun(size_t first, size_t count, int64_t target, const TileCosts& costs) {
  const int64_t begin = sequences_[first].first_output;
  const Sequence& last = sequences_[first + count - 1];
  const int64_t end = last.first_output + last.outputs;
  for (size_t i = first; i < first + count; ++i) {
    targets_.push_back(target + sequences_[i].first_output - begin);
  }
  for (int64_t position = begin; position < end;) {
    const int index = costs.FirstTile(end - position);
    tiles_.push_back({position, target + position - begin, index});
    position += costs.lengths()[index];
    source_end_ = std::max(source_end_, position);
    target_end_ = std::max(target_end_, target + position - begin);
  }
  return end - begin;
}

}  // namespace convoy::engine
