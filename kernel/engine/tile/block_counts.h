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

  void Add(uint64_t more_blocks, uint64_t more_fell_back) {
    blocks.fetch_add(more_blocks, std::memory_order_relaxed);
    fell_back.fetch_add(more_fell_back, std::memory_order_relaxed);
  }
};

// Of all layers of the process, those that are gone too.
inline BlockCounts& AllBlockCounts() {
  static BlockCounts counts;
  return counts;
}

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_BLOCK_COUNTS_H_
