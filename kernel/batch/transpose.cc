#include "kernel/batch/transpose.h"

#include <algorithm>

namespace convoy::batch {
namespace {

// A block of 16 x 16 floats is 16 cache lines read and 16 written: both stay in
// the first-level cache while the block is turned.
constexpr int64_t kBlock = 16;

template <typename Element>
inline __attribute__((always_inline)) void TurnBlock(const Element* source, int64_t source_pitch,
                                                     Element* target, int64_t target_pitch) {
  Element block[kBlock][kBlock];
  for (int64_t r = 0; r < kBlock; ++r) {
    for (int64_t c = 0; c < kBlock; ++c) block[c][r] = source[r * source_pitch + c];
  }
  for (int64_t c = 0; c < kBlock; ++c) {
    for (int64_t r = 0; r < kBlock; ++r) target[c * target_pitch + r] = block[c][r];
  }
}

__attribute__((target_clones("avx512f", "avx2", "default"))) void TurnFullBlock(
    const float* source, int64_t source_pitch, float* target, int64_t target_pitch) {
  TurnBlock(source, source_pitch, target, target_pitch);
}

template <typename Element>
void TurnFullBlock(const Element* source, int64_t source_pitch, Element* target,
                   int64_t target_pitch) {
  TurnBlock(source, source_pitch, target, target_pitch);
}

}  // namespace

template <typename Element>
void Transpose(const Element* source, int64_t rows, int64_t columns, int64_t source_pitch,
               Element* target, int64_t target_pitch) {
  for (int64_t r = 0; r < rows; r += kBlock) {
    const int64_t block_rows = std::min(kBlock, rows - r);
    for (int64_t c = 0; c < columns; c += kBlock) {
      const int64_t block_columns = std::min(kBlock, columns - c);
      const Element* from = source + r * source_pitch + c;
      Element* to = target + c * target_pitch + r;
      if (block_rows == kBlock && block_columns == kBlock) {
        TurnFullBlock(from, source_pitch, to, target_pitch);
        continue;
      }
      for (int64_t j = 0; j < block_columns; ++j) {
        for (int64_t i = 0; i < block_rows; ++i) {
          to[j * target_pitch + i] = from[i * source_pitch + j];
        }
      }
    }
  }
}

template void Transpose(const float*, int64_t, int64_t, int64_t, float*, int64_t);
template void Transpose(const double*, int64_t, int64_t, int64_t, double*, int64_t);
template void Transpose(const uint16_t*, int64_t, int64_t, int64_t, uint16_t*, int64_t);

}  // namespace convoy::batch
