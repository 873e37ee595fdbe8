#include "server/batching/slowdown.h"

#include <algorithm>

namespace convoy::batching {
namespace {

// One batch says no more than this: a thread that stood still for a second does
// not make the next ones slow.
constexpr double kMostRatio = 10;
constexpr double kMostExtraSeconds = 1e-3;

}  // namespace

void Slowdown::Record(double estimated, double measured) {
  const double believed = std::min(measured, kMostRatio * estimated + kMostExtraSeconds);
  const double keep = kMemorySeconds / (kMemorySeconds + estimated);
  estimated_ = keep * (estimated_ + estimated);
  measured_ = keep * (measured_ + believed);
}

}  // namespace convoy::batching
