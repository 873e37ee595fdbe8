// The lengths that output tiles come in.
#ifndef CONVOY_KERNEL_ENGINE_PLAN_TILE_LENGTHS_H_
#define CONVOY_KERNEL_ENGINE_PLAN_TILE_LENGTHS_H_

#include <cstdint>
#include <vector>

namespace convoy::engine {

// A convolution primitive has no run-time dimensions and costs milliseconds and
// memory, so any number of output frames is covered with tiles from this small
// set: 1 to 8, then four lengths per octave (10, 12, 14, 16, 20, ...), up to
// `longest`, which is the last one.
// REQUIRES: longest >= 1.
std::vector<int64_t> TileLengths(int64_t longest);

// The longest tile worth having for a layer that spends `work` multiply-
// accumulates and moves `floats` floats per output frame: long enough that a
// call's fixed cost is lost in it, short enough to stay in the second-level
// cache and to let other requests pass.
int64_t LongestTile(double work, double floats);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_PLAN_TILE_LENGTHS_H_
