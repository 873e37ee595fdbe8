// What one execution computes, how it is stated, and what it costs.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TIMED_TILE_H_
#define CONVOY_KERNEL_ENGINE_TILE_TIMED_TILE_H_

#include "kernel/engine/tile/statement.h"
#include "kernel/engine/tile/tile_shape.h"

namespace convoy::engine {

// Measured, or estimated where nothing was measured.
struct TimedTile {
  TileShape shape;
  Statement statement;
  double seconds = 0;  // of one execution

  friend bool operator==(const TimedTile&, const TimedTile&) = default;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TIMED_TILE_H_
