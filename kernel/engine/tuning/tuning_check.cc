#include "kernel/engine/tuning/tuning_check.h"

#include <algorithm>
#include <cstddef>

#include "kernel/engine/tile/tile_factory.h"
#include "kernel/engine/tuning/probe.h"
#include "kernel/engine/tuning/tile_set.h"

namespace convoy::engine {
namespace {

// The lengths ascend, from the first to the last of `tiles` and among theirs.
bool HasLengthsOf(const std::vector<TimedTile>& tiles, const std::vector<TimedTile>& tuning) {
  if (tuning.empty() || tuning.front().shape != tiles.front().shape ||
      tuning.back().shape != tiles.back().shape) {
    return false;
  }
  size_t at = 0;
  for (const TimedTile& tile : tuning) {
    while (at < tiles.size() && tiles[at].shape != tile.shape) ++at;
    if (at++ == tiles.size()) return false;
  }
  return true;
}

// REQUIRES: HasLengthsOf.
bool HasCostsLike(const std::vector<TimedTile>& tiles, const std::vector<TimedTile>& tuning) {
  constexpr double kFar = 1000;
  return std::all_of(tuning.begin(), tuning.end(), [&](const TimedTile& tile) {
    const auto rough = std::find_if(tiles.begin(), tiles.end(), [&](const TimedTile& each) {
      return each.shape == tile.shape;
    });
    return tile.seconds > rough->seconds / kFar && tile.seconds < rough->seconds * kFar;
  });
}

// Whether each statement is a candidate and is right, at the longest length that has
// it. Each is compiled and run once.
bool HasRightStatements(const layer::Conv1D& layer, Algorithm algorithm,
                        const std::vector<TimedTile>& tuning, TileScratch& scratch) {
  const std::vector<Statement> candidates = CandidateStatements(layer, algorithm);
  TileFactory factory(layer);
  std::vector<Statement> right;
  for (auto tile = tuning.rbegin(); tile != tuning.rend(); ++tile) {
    if (std::find(right.begin(), right.end(), tile->statement) != right.end()) continue;
    if (std::find(candidates.begin(), candidates.end(), tile->statement) == candidates.end()) {
      return false;
    }
    const auto compiled = factory.Create(tile->statement, tile->shape);
    if (!compiled.ok() || !Probe(layer, tile->shape, scratch, 1).Passes(**compiled)) return false;
    right.push_back(tile->statement);
  }
  return true;
}

}  // namespace

bool IsTuningOf(const layer::Conv1D& layer, const std::vector<TimedTile>& tuning,
                TileScratch& scratch, Algorithm algorithm) {
  const std::vector<TimedTile> tiles = EstimatedTiles(layer);
  return HasLengthsOf(tiles, tuning) && HasCostsLike(tiles, tuning) &&
         HasRightStatements(layer, algorithm, tuning, scratch);
}

}  // namespace convoy::engine
