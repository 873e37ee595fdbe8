// Finds the fastest statement of a layer on this machine by timing.
#ifndef CONVOY_KERNEL_ENGINE_TUNING_TUNER_H_
#define CONVOY_KERNEL_ENGINE_TUNING_TUNER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/engine/tile/statement.h"
#include "kernel/engine/tile/tile_factory.h"
#include "kernel/engine/tile/tile_scratch.h"
#include "kernel/engine/tile/tile_shape.h"
#include "kernel/engine/tile/timed_tile.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

struct TuningOptions {
  // Stop trying further statements after so long. The default statement is
  // always timed.
  double budget_seconds = 0.2;
  // Asked before each measurement; returns when it may be made, or false to end. Its
  // own time counts as nothing. Null: at once.
  std::function<bool()> pause = nullptr;
  // Which statements compete.
  Algorithm algorithm = Algorithm::kAuto;
};

// A tuning is a tile set (tile_set.h) of the lengths that were timed.
struct Tunings {
  std::vector<TimedTile> best;
  std::vector<TimedTile> direct;  // the best of the direct statements: the same lengths

  friend bool operator==(const Tunings&, const Tunings&) = default;
};

// The tile whose length is nearest to `outputs` by ratio.
// REQUIRES: `tuning` is not empty.
const TimedTile& NearestTuned(const std::vector<TimedTile>& tuning, int64_t outputs);

// Times the candidate statements of `layer` on the calling thread at a few tile
// lengths (short ones, where a call's fixed cost decides, and `longest`), keeps
// the best of each, and times that at further lengths. A candidate whose answer
// differs from the reference by more than rounding is not trusted. Returns tunings
// of lengths that TileLengths(longest) gives too.
//   CANCELLED  options.pause said so.
//   and any status with which oneDNN refuses the default statement.
absl::StatusOr<Tunings> Tune(const layer::Conv1D& layer, int64_t longest,
                             const TuningOptions& options, TileScratch& scratch);

// The same tile, its cost measured.
//   Any status with which oneDNN refuses it; INTERNAL if its numbers are wrong.
absl::StatusOr<TimedTile> TimeTile(const layer::Conv1D& layer, TimedTile tile,
                                   TileScratch& scratch);

// The fastest of `statements` for `shape`, nothing where none suits it.
std::optional<TimedTile> TimeExact(TileFactory& factory, const TileShape& shape,
                                   const std::vector<Statement>& statements, TileScratch& scratch);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNING_TUNER_H_
