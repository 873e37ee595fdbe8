// Which tile lengths a layer uses, how each is stated, and what it costs.
#ifndef CONVOY_KERNEL_ENGINE_TUNING_TILE_SET_H_
#define CONVOY_KERNEL_ENGINE_TUNING_TILE_SET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/engine/tile/timed_tile.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// A tile set is what TileCosts takes: tiles of one sequence, ascending by outputs.

// The lengths for this layer (TileLengths), default statements and rough costs.
std::vector<TimedTile> EstimatedTiles(const layer::Conv1D& layer);

// One length and the statement that is good without measuring, both of the layer
// alone, not of the machine's mood: for layers that promise equal bits. Long enough
// that a call's fixed cost is small beside the work; what a shorter sequence does
// not need of it is wasted.
std::vector<TimedTile> DeterministicTiles(const layer::Conv1D& layer);

// Takes the statements and costs that were timed: each tile gets the statement of
// the timed length nearest to its own by ratio, and a cost between those of its
// neighbours.
// REQUIRES: `timed` is a tile set whose lengths are among those of `tiles`, the
// first and the last one too.
void ApplyTuning(const std::vector<TimedTile>& timed, std::vector<TimedTile>& tiles);

// The statement of each run of lengths, for people: "1..32: 1-D; 40..704: 1-D, 4
// outputs per row".
std::string Describe(const std::vector<TimedTile>& tiles);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNING_TILE_SET_H_
