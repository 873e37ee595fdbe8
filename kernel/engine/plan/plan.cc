#include "kernel/engine/plan/plan.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace convoy::engine {

int64_t Plan::Bytes(int64_t sequences, int64_t tiles) {
  constexpr int64_t kGrown = 2;  // a vector that grows has up to twice its need
  const int64_t listed = kGrown * (sizeof(Sequence) + sizeof(targets_[0]));
  const int64_t chosen = sizeof(cost_from_[0]) + sizeof(Run);
  return sequences * (listed + chosen) + tiles * kGrown * static_cast<int64_t>(sizeof(Tile));
}

void Plan::Shrink() {
  constexpr size_t kManySequences = 4096;
  if (sequences_.capacity() <= kManySequences && tiles_.capacity() <= kManySequences) return;
  *this = Plan();
}

void Plan::List(const batch::Packing& packing) {
  sequences_.clear();
  for (const batch::Placement& placement : packing.placements()) {
    if (placement.frames.output == 0) continue;
    for (int64_t n = 0; n < placement.sequences; ++n) {
      sequences_.push_back(
          {placement.first_output + n * placement.output_pitch, placement.frames.output, 1});
    }
  }
  for (size_t i = sequences_.size(); i-- > 0;) {
    const bool continues =
        i + 1 < sequences_.size() && sequences_[i + 1].outputs == sequences_[i].outputs;
    if (continues) sequences_[i].equal += sequences_[i + 1].equal;
  }
}

// Dynamic programming from the end: the cheapest cost of all sequences from i on,
// and the run that it begins with.
void Plan::Make(const batch::Packing& packing, const PlanChoices& choices) {
  List(packing);
  tiles_.clear();
  targets_.clear();
  target_end_ = 0;
  const size_t count = sequences_.size();
  cost_from_.assign(count + 1, 0.0);
  runs_.assign(count, {});
  for (size_t i = count; i-- > 0;) {
    ChooseRun(i, choices);
    if (choices.exact != nullptr && !choices.apart) TryExact(i, *choices.exact);
  }
  int64_t target = 0;
  for (size_t i = 0; i < count; i += runs_[i].sequences) {
    target += runs_[i].exact != nullptr ? EmitExact(i, target) : EmitTiles(i, target, choices);
  }
}

void Plan::ChooseRun(size_t first, const PlanChoices& choices) {
  double best = std::numeric_limits<double>::infinity();
  const double dear = 4 * choices.together.Cover(1);
  const size_t limit =
      std::min<size_t>(sequences_.size(), first + (choices.apart ? 1 : kLongestRun));
  for (size_t j = first; j < limit; ++j) {
    const int64_t outputs =
        sequences_[j].first_output + sequences_[j].outputs - sequences_[first].first_output;
    const TileCosts& costs = j == first ? choices.costs : choices.together;
    const double cost = costs.Cover(outputs) + cost_from_[j + 1];
    if (cost < best) {
      best = cost;
      runs_[first].sequences = static_cast<int32_t>(j - first + 1);
    }
    // Beyond a few whole tiles a longer run saves no call, and where the windows
    // lost cost more than a few calls already, the next ones will not save them.
    if (outputs > 4 * choices.costs.longest() || cost > best + dear) break;
  }
  cost_from_[first] = best;
}

void Plan::TryExact(size_t first, const ExactTable& table) {
  if (table.empty()) return;
  const auto found = table.find(sequences_[first].outputs);
  if (found == table.end()) return;
  for (const TimedTile& exact : found->second) {
    if (exact.shape.sequences > sequences_[first].equal) break;
    const double cost = exact.seconds + cost_from_[first + exact.shape.sequences];
    if (cost >= cost_from_[first]) continue;
    cost_from_[first] = cost;
    runs_[first] = {static_cast<int32_t>(exact.shape.sequences), &exact};
  }
}

int64_t Plan::EmitTiles(size_t first, int64_t target, const PlanChoices& choices) {
  const size_t count = runs_[first].sequences;
  const TileCosts& costs = count == 1 ? choices.costs : choices.together;
  const int64_t begin = sequences_[first].first_output;
  const Sequence& last = sequences_[first + count - 1];
  const int64_t end = last.first_output + last.outputs;
  for (size_t i = first; i < first + count; ++i) {
    targets_.push_back(target + sequences_[i].first_output - begin);
  }
  for (int64_t position = begin; position < end;) {
    const TimedTile& tile = costs.FirstTile(end - position);
    const int64_t wanted = std::min(tile.shape.outputs, end - position);
    tiles_.push_back({position, target + position - begin, wanted, tile});
    position += tile.shape.outputs;
    target_end_ = std::max(target_end_, target + position - begin);
  }
  return end - begin;
}

int64_t Plan::EmitExact(size_t first, int64_t target) {
  const TimedTile& exact = *runs_[first].exact;
  for (int64_t n = 0; n < exact.shape.sequences; ++n) {
    targets_.push_back(target + n * exact.shape.outputs);
  }
  tiles_.push_back({sequences_[first].first_output, target, exact.shape.frames(), exact});
  target_end_ = std::max(target_end_, target + exact.shape.frames());
  return exact.shape.frames();
}

}  // namespace convoy::engine
