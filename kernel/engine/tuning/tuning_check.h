// Whether a tuning that somebody wrote down is one.
#ifndef CONVOY_KERNEL_ENGINE_TUNING_TUNING_CHECK_H_
#define CONVOY_KERNEL_ENGINE_TUNING_TUNING_CHECK_H_

#include <vector>

#include "kernel/engine/tile/tile_scratch.h"
#include "kernel/engine/tile/timed_tile.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Whether Tune could have answered `tuning` for such an algorithm: lengths that it times, candidate
// statements that suit the layer, costs within a thousand times of a rough estimate,
// and, once for each statement, the reference's numbers.
bool IsTuningOf(const layer::Conv1D& layer, const std::vector<TimedTile>& tuning,
                TileScratch& scratch, Algorithm algorithm = Algorithm::kAuto);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNING_TUNING_CHECK_H_
