#include "kernel/engine/plan/tile_costs.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

namespace convoy::engine {

TileCosts::TileCosts(std::vector<TimedTile> tiles)
    : tiles_(std::move(tiles)), cover_(longest() + 1), first_(longest() + 1) {
  for (int64_t outputs = 1; outputs <= longest(); ++outputs) {
    double best = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < tiles_.size(); ++i) {
      const int64_t rest = std::max<int64_t>(outputs - tiles_[i].shape.outputs, 0);
      const double cost = tiles_[i].seconds + cover_[rest];
      // <= prefers the longer tile: fewer calls at the same price.
      if (cost <= best) {
        best = cost;
        first_[outputs] = static_cast<int16_t>(i);
      }
    }
    cover_[outputs] = best;
  }
}

double TileCosts::Cover(int64_t outputs) const {
  const int64_t whole = outputs / longest();
  return static_cast<double>(whole) * cover_[longest()] + cover_[outputs % longest()];
}

int64_t TileCosts::Covered(int64_t outputs) const {
  int64_t covered = outputs / longest() * longest();
  while (covered < outputs) covered += FirstTile(outputs - covered).shape.outputs;
  return covered;
}

int64_t TileCosts::Count(int64_t outputs) const {
  int64_t count = 0;
  if (outputs > longest()) {
    // As long as there is more than the longest, the same tile comes first.
    const int64_t first = FirstTile(outputs).shape.outputs;
    count = (outputs - longest() + first - 1) / first;
    outputs -= count * first;
  }
  for (; outputs > 0; ++count) outputs -= FirstTile(outputs).shape.outputs;
  return count;
}

const TimedTile& TileCosts::FirstTile(int64_t outputs) const {
  return tiles_[first_[std::min(outputs, longest())]];
}

}  // namespace convoy::engine
