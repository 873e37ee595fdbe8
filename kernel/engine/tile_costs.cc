#include "kernel/engine/tile_costs.h"

#include <cstddef>
#include <limits>
#include <utility>

namespace convoy::engine {

TileCosts::TileCosts(std::vector<int64_t> lengths, const std::vector<double>& seconds)
    : lengths_(std::move(lengths)), cover_(longest() + 1), first_(longest() + 1) {
  for (int64_t outputs = 1; outputs <= longest(); ++outputs) {
    double best = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < lengths_.size(); ++i) {
      const int64_t rest = lengths_[i] < outputs ? outputs - lengths_[i] : 0;
      const double cost = seconds[i] + cover_[rest];
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

int TileCosts::FirstTile(int64_t outputs) const {
  return first_[outputs < longest() ? outputs : longest()];
}

}  // namespace convoy::engine
