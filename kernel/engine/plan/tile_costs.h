// What tiles cost on this machine, and the cheapest way to cover a length.
#ifndef CONVOY_KERNEL_ENGINE_PLAN_TILE_COSTS_H_
#define CONVOY_KERNEL_ENGINE_PLAN_TILE_COSTS_H_

#include <cstdint>
#include <vector>

#include "kernel/engine/tile/timed_tile.h"

namespace convoy::engine {

// A time below this part of another is less by more than the noise of a timing.
inline constexpr double kClearlyFaster = 0.97;

// Immutable after construction; thread-safe.
class TileCosts {
 public:
  // Of one sequence each, ascending by outputs.
  // REQUIRES: at least one; all seconds are positive.
  explicit TileCosts(std::vector<TimedTile> tiles);

  const std::vector<TimedTile>& tiles() const { return tiles_; }
  int64_t longest() const { return tiles_.back().shape.outputs; }

  // Seconds of the cheapest tiles that cover `outputs` frames; they may compute
  // up to `longest() - 1` frames more than asked for. 0 for 0.
  double Cover(int64_t outputs) const;

  // The frames that those tiles compute.
  int64_t Covered(int64_t outputs) const;

  // How many those tiles are.
  int64_t Count(int64_t outputs) const;

  // The first tile of that cover.
  // REQUIRES: outputs >= 1.
  const TimedTile& FirstTile(int64_t outputs) const;

 private:
  std::vector<TimedTile> tiles_;
  // By number of outputs, 0..longest: the cheapest cover and its first tile, an
  // index into tiles_.
  std::vector<double> cover_;
  std::vector<int16_t> first_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_PLAN_TILE_COSTS_H_
