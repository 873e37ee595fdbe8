// Tiles of one sequence whose costs a test makes up.
#ifndef CONVOY_TESTS_KERNEL_SUPPORT_TIMED_TILES_H_
#define CONVOY_TESTS_KERNEL_SUPPORT_TIMED_TILES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernel/engine/tile/timed_tile.h"

namespace convoy::testing {

// REQUIRES: both have the same size.
inline std::vector<engine::TimedTile> TimedTiles(const std::vector<int64_t>& lengths,
                                                 const std::vector<double>& seconds) {
  std::vector<engine::TimedTile> tiles;
  for (size_t i = 0; i < lengths.size(); ++i) tiles.push_back({{1, lengths[i]}, {}, seconds[i]});
  return tiles;
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_SUPPORT_TIMED_TILES_H_
