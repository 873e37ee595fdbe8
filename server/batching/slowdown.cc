#include "server/batching/slowdown.h"

#include <algorithm>

namespace convoy::batching {
namespace {

// Of a batch that takes next to nothing.
constexpr double kMostExtraSeconds = 1e-3;

}  // namespace

double Slowdown::Record(double estimated, double measured) {
  const double most = most_ratio_ * std::max(1.0, factor()) * estimated + kMostExtraSeconds;
  most_ratio_ = measured > most ? 2 * most_ratio_ : kMostRatio;
  const double believed = std::min(measured, most);
  const double keep = kMemorySeconds / (kMemorySeconds + estimated);
  estimated_ = keep * (estimated_ + estimated);
  measured_ = keep * (measured_ + believed);
  return believed;
}

}  // namespace convoy::batching
