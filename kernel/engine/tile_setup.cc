#include "kernel/engine/tile_setup.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
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
  // Argument checks and dispatch of one oneDNN execution.
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

TileSetup DeterministicSetup(const layer::Conv1D& layer) {
  constexpr int64_t kShortest = 32;
  constexpr double kWorthACall = 12e-6;  // seconds, eight times what a call costs
  const TileSetup all = EstimatedSetup(layer);
  size_t chosen = 0;
  while (chosen + 1 < all.lengths.size() &&
         (all.lengths[chosen] < kShortest || all.seconds[chosen] < kWorthACall)) {
    ++chosen;
  }
  Statement statement = DefaultStatement(layer);
  // Its kernels turn to float32 where a neighbour's frame in the tile is not finite.
  statement.bfloat16 = false;
  return {{all.lengths[chosen]}, {statement}, {all.seconds[chosen]}};
}

std::string Describe(const std::vector<int64_t>& lengths,
                     const std::vector<Statement>& statements) {
  std::string text;
  for (size_t i = 0; i < lengths.size();) {
    size_t end = i;
    while (end < lengths.size() && statements[end] == statements[i]) ++end;
    absl::StrAppend(&text, text.empty() ? "" : "; ", lengths[i], "..", lengths[end - 1], ": ",
                    ToString(statements[i]));
    i = end;
  }
  return text;
}

void ApplyTuning(const std::vector<TunedLength>& tuned, TileSetup& setup) {
  for (size_t i = 0; i < setup.lengths.size(); ++i) {
    setup.statements[i] = NearestTuned(tuned, setup.lengths[i]).statement;
    setup.seconds[i] = Interpolate(tuned, setup.lengths[i]);
  }
}

}  // namespace convoy::engine
