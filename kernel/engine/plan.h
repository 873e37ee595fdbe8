// How a packed batch is cut into executions.
#ifndef CONVOY_KERNEL_ENGINE_PLAN_H_
#define CONVOY_KERNEL_ENGINE_PLAN_H_

#include <cstdint>
#include <vector>

#include "kernel/batch/packing.h"
#include "kernel/engine/tile_costs.h"

namespace convoy::engine {

// One execution: lengths()[length_index] output frames.
struct Tile {
  int64_t source = 0;  // first position on the packed axis (see Packing)
  int64_t target = 0;  // first frame in the output buffer
  int length_index = 0;
};

// Sequences are computed in runs: those of one run together, with the straddling
// windows between them, those of different runs apart. In the output buffer the
// runs lie end to end; a tile may write past its run's end, where the next run's
// own tile, executed later, overwrites it. So tiles are executed in order.
//
// Not thread-safe. Reusable: Make keeps the memory.
class Plan {
 public:
  // The cheapest tiles by `costs`: consecutive sequences are computed together,
  // straddling windows thrown away, where the calls saved cost more than the
  // windows lost, and one by one where not.
  void Make(const batch::Packing& packing, const TileCosts& costs);

  const std::vector<Tile>& tiles() const { return tiles_; }

  // Where each sequence's outputs begin in the output buffer, in frames; one
  // entry a sequence, in order, those without outputs left out.
  const std::vector<int64_t>& targets() const { return targets_; }

  // One past the last position that any tile reads, and one past the last output
  // frame that any tile writes.
  int64_t source_end() const { return source_end_; }
  int64_t target_end() const { return target_end_; }

 private:
  struct Sequence {
    int64_t first_output;
    int64_t outputs;
  };

  void ListSequences(const batch::Packing& packing);
  void ChooseRuns(const TileCosts& costs);
  // Appends the run of `count` sequences from `first`; returns its outputs.
  int64_t EmitRun(size_t first, size_t count, int64_t target, const TileCosts& costs);

  std::vector<Tile> tiles_;
  std::vector<int64_t> targets_;
  int64_t source_end_ = 0;
  int64_t target_end_ = 0;
  // Scratch of Make.
  std::vector<Sequence> sequences_;
  std::vector<double> cost_from_;
  std::vector<int32_t> run_length_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_PLAN_H_
