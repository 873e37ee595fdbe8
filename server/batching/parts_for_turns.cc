#include "server/batching/parts_for_turns.h"

#include <algorithm>
#include <cmath>

#include "kernel/batch/parts.h"

namespace convoy::batching {
namespace {

// More would cost more to keep than the last of them brings.
constexpr double kMostParts = 4096;
// What the parts may take together, in times of the whole.
constexpr double kMostWork = 1.1;

// Seconds of all parts of a task that is cut within its sequences.
double SecondsOfParts(const layer::InputShape& shape, int64_t parts, double overlap_seconds,
                      absl::FunctionRef<double(const layer::InputShape&)> estimate) {
  const int64_t frames = batch::FramesOfPart(shape, parts);
  layer::InputShape full = shape;
  full.sequences = shape.sequences * (shape.frames.output / frames);
  full.frames.output = frames;
  layer::InputShape last = shape;
  last.frames.output = shape.frames.output % frames;
  return estimate(full) + estimate(last) + static_cast<double>(parts) * overlap_seconds;
}

}  // namespace

int64_t PartsForTurns(const layer::InputShape& shape, double turn_seconds, double overlap_seconds,
                      absl::FunctionRef<double(const layer::InputShape&)> estimate) {
  const double whole = estimate(shape);
  if (whole <= turn_seconds) return 1;
  auto parts = static_cast<int64_t>(std::min(std::ceil(whole / turn_seconds), kMostParts));
  // Cutting between sequences costs nothing.
  while (parts > shape.sequences &&
         SecondsOfParts(shape, parts, overlap_seconds, estimate) > kMostWork * whole) {
    parts = std::max((parts + 1) / 2, shape.sequences);
  }
  return parts;
}

}  // namespace convoy::batching
