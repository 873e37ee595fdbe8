#include "kernel/engine/tile/least_products.h"

#include <algorithm>
#include <limits>

namespace convoy::engine {

void FindLeastProducts(absl::Span<double> weights, absl::Span<double> table) {
  std::sort(weights.begin(), weights.end());
  const double step = static_cast<double>(weights.size()) / static_cast<double>(table.size());
  size_t entry = 0;
  double value = 0;
  const auto reach = [&](double spread) {
    // Entries before this spread have the value of the one before it.
    while (entry < table.size() && step * static_cast<double>(entry) < spread) {
      table[entry++] = value;
    }
  };
  // x = max(0, level - w), for levels that rise.
  double sum = 0;
  double squares = 0;
  double counted = 0;
  const auto take = [&](double level) {
    const double total = counted * level - sum;
    if (!(total > 0)) return;
    const double total_squares = (counted * level - 2 * sum) * level + squares;
    reach(total * total / total_squares);
    value = (level * sum - squares) / total;
  };
  for (size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i];
    squares += weights[i] * weights[i];
    counted += 1;
    if (i + 1 == weights.size()) break;
    take((weights[i] + weights[i + 1]) / 2);
    take(weights[i + 1]);
  }
  for (const double above : {1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0})
    take(weights.back() * above);
  reach(std::numeric_limits<double>::infinity());
}

}  // namespace convoy::engine
