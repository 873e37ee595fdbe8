#include "kernel/engine/plan/tile_lengths.h"

#include <algorithm>
#include <bit>

namespace convoy::engine {

std::vector<int64_t> TileLengths(int64_t longest) {
  std::vector<int64_t> lengths;
  for (int64_t length = 1; length < longest;) {
    lengths.push_back(length);
    const int64_t octave = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(length)));
    length += std::max<int64_t>(1, octave / 4);
  }
  lengths.push_back(longest);
  return lengths;
}

int64_t LongestTile(double work, double floats) {
  constexpr double kEnoughWork = 16e6;   // about 0.4 ms at 40 G multiply-adds/s
  constexpr double kCacheFloats = 96e3;  // 384 KiB
  constexpr int64_t kShortest = 128;
  constexpr int64_t kLongest = 2048;
  const double by_work = kEnoughWork / std::max(work, 1.0);
  const double by_cache = kCacheFloats / std::max(floats, 1.0);
  const double tile = std::clamp(std::max(by_work, by_cache), double{kShortest}, double{kLongest});
  // Whole vectors of outputs: a multiple of 64.
  return static_cast<int64_t>(tile) / 64 * 64;
}

}  // namespace convoy::engine
