// What tiles cost on this machine, and the cheapest way to cover a length.
#ifndef CONVOY_KERNEL_ENGINE_TILE_COSTS_H_
#define CONVOY_KERNEL_ENGINE_TILE_COSTS_H_

#include <cstdint>
#include <vector>

namespace convoy::engine {

// A time below this part of another is less by more than the noise of a timing.
inline constexpr double kClearlyFaster = 0.97;

// Immutable after construction; thread-safe.
class TileCosts {
 public:
  // `lengths` ascending, `seconds[i]` the time of one execution of lengths[i].
  // REQUIRES: both have the same size, at least one; all positive.
  TileCosts(std::vector<int64_t> lengths, const std::vector<double>& seconds);

  const std::vector<int64_t>& lengths() const { return lengths_; }
  int64_t longest() const { return lengths_.back(); }

  // Seconds of the cheapest tiles that cover `outputs` frames; they may compute
  // up to `longest() - 1` frames more than asked for. 0 for 0.
  double Cover(int64_t outputs) const;

  // The first tile of that cover, an index into lengths().
  // REQUIRES: outputs >= 1.
  int FirstTile(int64_t outputs) const;

 private:
  std::vector<int64_t> lengths_;
  // By number of outputs, 0..longest: the cheapest cover and its first tile.
  std::vector<double> cover_;
  std::vector<int16_t> first_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_COSTS_H_
