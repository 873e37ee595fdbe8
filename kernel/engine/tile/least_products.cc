#include "kernel/engine/tile/least_products.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

namespace convoy::engine {
namespace {

// What signals x = max(0, level - weight) are and make, for levels that rise.
class Worst {
 public:
  void Add(double weight, double count) {
    sum_ += count * weight;
    squares_ += count * weight * weight;
    count_ += count;
  }

  // The spread of the signal of this level, 0 if there is none.
  // REQUIRES: level is at least the weights that were added, and at most the others.
  double Spread(double level) const {
    const double total = count_ * level - sum_;
    const double squares = (count_ * level - 2 * sum_) * level + squares_;
    return total > 0 ? total * total / squares : 0;
  }
  // REQUIRES: its spread is not 0.
  double Product(double level) const { return (level * sum_ - squares_) / (count_ * level - sum_); }

 private:
  double sum_ = 0;
  double squares_ = 0;
  double count_ = 0;
};

}  // namespace

void FindLeastProducts(absl::Span<const double> weights, absl::Span<double> table) {
  // Weights count as the lower ends of so many equal parts of their range, and large ones
  // as its upper end: that makes a product no larger, and is faster than to sort them.
  constexpr int kParts = 256;
  constexpr double kMostMeans = 4;
  constexpr int kOften = 8;  // levels are taken, also where there are no weights for long
  std::fill(table.begin(), table.end(), 0.0);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  const double most = std::min(kMostMeans * sum / static_cast<double>(weights.size()),
                               *std::max_element(weights.begin(), weights.end()));
  const double part = most / kParts;
  if (!(part > 1e-300)) return;  // next to nothing; the inverse is finite below
  const double parts = 1 / part;
  std::array<int32_t, kParts> counts = {};
  for (const double weight : weights) {
    ++counts[std::min(static_cast<int>(std::min(weight, most) * parts), kParts - 1)];
  }

  const double step = static_cast<double>(weights.size()) / static_cast<double>(table.size());
  size_t entry = 0;
  double value = 0;
  Worst worst;
  const auto take = [&](double level) {
    const double spread = worst.Spread(level);
    if (spread == 0) return;
    // Entries before this spread have the value of the one before it.
    while (entry < table.size() && step * static_cast<double>(entry) < spread) {
      table[entry++] = value;
    }
    value = worst.Product(level);
  };
  for (int i = 0; i < kParts; ++i) {
    if (counts[i] == 0 && i % kOften != 0) continue;
    take(i * part);
    worst.Add(i * part, counts[i]);
  }
  for (const double above : {1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0}) take(most * above);
  std::fill(table.begin() + static_cast<std::ptrdiff_t>(entry), table.end(), value);
}

}  // namespace convoy::engine
