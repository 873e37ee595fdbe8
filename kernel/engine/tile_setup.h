// Which tile lengths a layer uses, how each is stated, and what it costs.
#ifndef CONVOY_KERNEL_ENGINE_TILE_SETUP_H_
#define CONVOY_KERNEL_ENGINE_TILE_SETUP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/engine/statement.h"
#include "kernel/engine/tuner.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// One entry a length, ascending.
struct TileSetup {
  std::vector<int64_t> lengths;
  std::vector<Statement> statements;
  std::vector<double> seconds;
};

// The lengths for this layer, default statements and rough costs.
TileSetup EstimatedSetup(const layer::Conv1D& layer);

// One length and the statement that is good without measuring, both of the layer
// alone, not of the machine's mood: for layers that promise equal bits. Long enough
// that a call's fixed cost is small beside the work; what a shorter sequence does
// not need of it is wasted.
TileSetup DeterministicSetup(const layer::Conv1D& layer);

// The statement of each run of lengths, for people: "1..32: 1-D; 40..704: 1-D, 4
// outputs a row".
std::string Describe(const std::vector<int64_t>& lengths, const std::vector<Statement>& statements);

// Takes the statements and costs that were timed: each length gets the statement
// of the probed length nearest to it by ratio, and a cost between those of its
// neighbours.
// REQUIRES: `tuned` ascending, not empty, its lengths among setup.lengths.
void ApplyTuning(const std::vector<TunedLength>& tuned, TileSetup& setup);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_SETUP_H_
