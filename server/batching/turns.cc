#include "server/batching/turns.h"

#include <algorithm>
#include <cmath>

namespace convoy::batching {
namespace {

// More would cost more to keep than the last of them brings.
constexpr double kMostParts = 4096;
// What the parts may take together, in times of the whole.
constexpr double kMostWork = 1.1;

int64_t CeilDivide(int64_t value, int64_t by) { return (value + by - 1) / by; }

}  // namespace

int64_t PartsForTurns(const layer::InputShape& shape, double turn_seconds,
                      absl::FunctionRef<double(const layer::InputShape&)> estimate) {
  const double whole = estimate(shape);
  if (whole <= turn_seconds) return 1;
  auto parts = static_cast<int64_t>(std::clamp(std::ceil(whole / turn_seconds), 1.0, kMostParts));
  // Cutting between sequences costs nothing.
  for (; parts > shape.sequences; parts = std::max(CeilDivide(parts, 2), shape.sequences)) {
    const int64_t of_sequence = CeilDivide(parts, shape.sequences);
    layer::InputShape part = shape;
    part.sequences = 1;
    part.frames.output = CeilDivide(shape.frames.output, of_sequence);
    const auto count = static_cast<double>(shape.sequences * of_sequence);
    if (count * estimate(part) <= kMostWork * whole) break;
  }
  return parts;
}

}  // namespace convoy::batching
