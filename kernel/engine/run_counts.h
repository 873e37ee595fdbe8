// What running a batch took.
#ifndef CONVOY_KERNEL_ENGINE_RUN_COUNTS_H_
#define CONVOY_KERNEL_ENGINE_RUN_COUNTS_H_

#include <cstdint>

namespace convoy::engine {

// Counted while a batch runs; what failed half-way counts as far as it went.
struct RunCounts {
  // Requests by the way they ran (RunPath).
  int64_t packed = 0;
  int64_t chunked = 0;
  int64_t direct = 0;
  int64_t wanted_frames = 0;    // output frames that the requests asked for
  int64_t computed_frames = 0;  // these, and those that were thrown away
  // Tiles whose input had infinities or NaN, so that the plain statement computed them.
  int64_t fallback_tiles = 0;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_RUN_COUNTS_H_
