#include "kernel/engine/tile_setup.h"

#include <cmath>
#include <cstddef>

#include "kernel/engine/tile_lengths.h"

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

const TunedLength& Nearest(const std::vector<TunedLength>& tuned, int64_t length) {
  size_t best = 0;
  const auto distance = [&](size_t i) {
    return std::abs(std::log(static_cast<double>(length) / static_cast<double>(tuned[i].outputs)));
  };
  for (size_t i = 1; i < tuned.size(); ++i) {
    if (distance(i) < distance(best)) best = i;
  }
  return tuned[best];
}

// Linear between the probed lengths. REQUIRES: within their range.
double Interpolate(const std::vector<TunedLength>& tuned, int64_t length) {
  size_t upper = 0;
  while (tuned[upper].outputs < length) ++upper;
  const TunedLength& above = tuned[upper];
  if (above.outputs == length || upper == 0) return above.seconds;
  const TunedLength& below = tuned[upper - 1];
  const double part = static_cast<double>(length - below.outputs) /
                      static_cast<double>(above.outputs - below.outputs);
  return below.seconds + part * (above.seconds - below.seconds);
}

}  // namespace

TileSetup EstimatedSetup(const layer::Conv1D& layer) {
  // What one core does in a second, roughly.
  constexpr double kMultiplyAdds = 25e9;
  constexpr double kFloats = 4e9;
  // Memory objects, argument checks and dispatch of one oneDNN execution.
  constexpr double kCallSeconds = 1.5e-6;
  const double output_seconds =
      WorkPerOutput(layer) / kMultiplyAdds + FloatsPerOutput(layer) / kFloats;
  TileSetup setup;
  setup.lengths = TileLengths(LongestTile(WorkPerOutput(layer), FloatsPerOutput(layer)));
  setup.statements.assign(setup.lengths.size(), DefaultStatement(layer));
  for (const int64_t length : setup.lengths) {
    setup.seconds.push_back(kCallSeconds + output_seconds * static_cast<double>(length));
  }
  return setup;
}

void ApplyTuning(const std::vector<TunedLength>& tuned, TileSetup& setup) {
  for (size_t i = 0; i < setup.lengths.size(); ++i) {
    setup.statements[i] = Nearest(tuned, setup.lengths[i]).statement;
    setup.seconds[i] = Interpolate(tuned, setup.lengths[i]);
  }
}

}  // namespace convoy::engine
