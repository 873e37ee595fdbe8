// How often Toom-Cook tiles computed what they were made for.
#ifndef CONVOY_KERNEL_ENGINE_TILE_BLOCK_COUNTS_H_
#define CONVOY_KERNEL_ENGINE_TILE_BLOCK_COUNTS_H_

#include <atomic>
#include <cstdint>

namespace convoy::engine {

// Thread-safe.
struct BlockCounts {
  std::atomic<uint64_t> blocks = 0;     // that were begun
  std::atomic<uint64_t> fell_back = 0;  // of them, to the direct convolution
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_BLOCK_COUNTS_H_
