#include "kernel/engine/tuning/tile_set.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "kernel/engine/plan/tile_lengths.h"
#include "kernel/engine/tuning/tuner.h"

namespace convoy::engine {
namespace {

// Multiply-accumulates of one output frame.
double WorkPerOutput(const layer::Conv1D& layer) {
  const int64_t inputs = layer.input_channels() / layer.config().groups;
  return static_cast<double>(inputs) * static_cast<double>(layer.config().window.kernel_size) *
         static_cast<double>(layer.config().filters);
}

// Floats read and written for one output frame.
double FloatsPerOutput(const layer::Conv1D& layer) {
  return static_cast<double>(layer.input_channels()) *
             static_cast<double>(layer.config().window.strides) +
         static_cast<double>(layer.config().filters);
}

// Linear between the timed lengths. REQUIRES: within their range.
double Interpolate(const std::vector<TimedTile>& timed, int64_t outputs) {
  size_t upper = 0;
  while (timed[upper].shape.outputs < outputs) ++upper;
  const TimedTile& above = timed[upper];
  if (above.shape.outputs == outputs || upper == 0) return above.seconds;
  const TimedTile& below = timed[upper - 1];
  const double part = static_cast<double>(outputs - below.shape.outputs) /
                      static_cast<double>(above.shape.outputs - below.shape.outputs);
  return below.seconds + part * (above.seconds - below.seconds);
}

}  // namespace

std::vector<TimedTile> EstimatedTiles(const layer::Conv1D& layer) {
  // What one core does in a second, roughly.
  constexpr double kMultiplyAdds = 25e9;
  constexpr double kFloats = 4e9;
  // Argument checks and dispatch of one oneDNN execution.
  constexpr double kCallSeconds = 1.5e-6;
  const double output_seconds =
      WorkPerOutput(layer) / kMultiplyAdds + FloatsPerOutput(layer) / kFloats;
  const int64_t longest = LongestTile(WorkPerOutput(layer), FloatsPerOutput(layer));
  const Statement statement = DefaultStatement(layer);
  std::vector<TimedTile> tiles;
  for (const int64_t outputs : TileLengths(longest)) {
    const double seconds = kCallSeconds + output_seconds * static_cast<double>(outputs);
    tiles.push_back({{1, outputs}, statement, seconds});
  }
  return tiles;
}

std::vector<TimedTile> DeterministicTiles(const layer::Conv1D& layer) {
  constexpr int64_t kShortest = 32;
  constexpr double kWorthACall = 12e-6;  // seconds, eight times what a call costs
  const std::vector<TimedTile> all = EstimatedTiles(layer);
  size_t chosen = 0;
  while (chosen + 1 < all.size() &&
         (all[chosen].shape.outputs < kShortest || all[chosen].seconds < kWorthACall)) {
    ++chosen;
  }
  TimedTile tile = all[chosen];
  // Such a tile turns to float32 where a neighbour's frame in it is not finite.
  tile.statement.bfloat16 = false;
  return {tile};
}

void ApplyTuning(const std::vector<TimedTile>& timed, std::vector<TimedTile>& tiles) {
  for (TimedTile& tile : tiles) {
    tile.statement = NearestTuned(timed, tile.shape.outputs).statement;
    tile.seconds = Interpolate(timed, tile.shape.outputs);
  }
}

std::string Describe(const std::vector<TimedTile>& tiles) {
  std::string text;
  for (size_t i = 0; i < tiles.size();) {
    size_t end = i;
    while (end < tiles.size() && tiles[end].statement == tiles[i].statement) ++end;
    absl::StrAppend(&text, text.empty() ? "" : "; ", tiles[i].shape.outputs, "..",
                    tiles[end - 1].shape.outputs, ": ", ToString(tiles[i].statement));
    i = end;
  }
  return text;
}

}  // namespace convoy::engine
