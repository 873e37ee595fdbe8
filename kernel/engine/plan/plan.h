// How a packed batch is cut into executions.
#ifndef CONVOY_KERNEL_ENGINE_PLAN_PLAN_H_
#define CONVOY_KERNEL_ENGINE_PLAN_PLAN_H_

#include <cstdint>
#include <vector>

#include "kernel/batch/packing.h"
#include "kernel/engine/plan/exact_shapes.h"
#include "kernel/engine/plan/tile_costs.h"
#include "kernel/engine/tile/timed_tile.h"

namespace convoy::engine {

// One execution, and where.
struct Tile {
  int64_t source = 0;  // first position on the packed axis (see Packing)
  int64_t target = 0;  // first frame in the output buffer
  int64_t wanted = 0;  // output frames that are not computed in vain
  TimedTile timed;
};

// What a plan may choose from.
struct PlanChoices {
  const TileCosts& costs;  // for sequences apart
  // For several sequences together: each output by itself, so that no caller's values
  // touch another's.
  // REQUIRES: the same longest tile; all statements are direct.
  const TileCosts& together;
  const ExactTable* exact = nullptr;  // null: none
  // Every sequence apart, in tiles from its own first output on: the same tiles in
  // any batch.
  bool apart = false;
};

// Sequences are computed in runs: those of one run together, with the straddling
// windows between them or as one exact shape without, those of different runs
// apart. In the output buffer the runs lie end to end; a tile may write past its
// run's end, where the next run's own tile, executed later, overwrites it. So
// tiles are executed in order.
//
// Not thread-safe. Reusable: it keeps its memory.
class Plan {
 public:
  // A run longer than this gains nothing more: its calls are long already.
  static constexpr int64_t kLongestRun = 64;

  // The cheapest tiles for the sequences of a batch: consecutive sequences are
  // computed together, straddling windows thrown away, where the calls saved cost
  // more than the windows lost; as exact shapes, where those are cheaper; and one by
  // one where not.
  void Make(const batch::Packing& packing, const PlanChoices& choices);

  const std::vector<Tile>& tiles() const { return tiles_; }

  // Where each sequence's outputs begin in the output buffer, in frames; one
  // entry per sequence, in order, those without outputs left out.
  const std::vector<int64_t>& targets() const { return targets_; }

  // The most that a plan of so many sequences and tiles allocates.
  static int64_t Bytes(int64_t sequences, int64_t tiles);

  // Gives back what it keeps for the next batch where that is much.
  void Shrink();

  // One past the last output frame that any tile writes.
  int64_t target_end() const { return target_end_; }

 private:
  struct Sequence {
    int64_t first_output;
    int64_t outputs;
    int64_t equal;  // how many of this length follow, itself counted
  };

  // The run that begins with a sequence in the cheapest plan.
  struct Run {
    int32_t sequences = 1;
    const TimedTile* exact = nullptr;
  };

  void List(const batch::Packing& packing);
  void ChooseRun(size_t first, const PlanChoices& choices);
  void TryExact(size_t first, const ExactTable& table);
  // Append the run from sequence `first`; return its outputs.
  int64_t EmitTiles(size_t first, int64_t target, const PlanChoices& choices);
  int64_t EmitExact(size_t first, int64_t target);

  std::vector<Tile> tiles_;
  std::vector<int64_t> targets_;
  int64_t target_end_ = 0;
  // Scratch of Make.
  std::vector<Sequence> sequences_;
  std::vector<double> cost_from_;
  std::vector<Run> runs_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_PLAN_PLAN_H_
