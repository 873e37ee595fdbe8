#include "kernel/batch/transpose.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace convoy::batch {
namespace {

// Columns are taken 16 at a time: a cache line of floats of each row. All rows of
// those columns are turned before the next ones, so that the rows of the target,
// which are short where channels become the last axis, are written whole while
// they are in the cache. The other order wrote each of its lines several times,
// far apart: a quarter of memcpy's speed instead of more than half.
constexpr int64_t kColumns = 16;
constexpr int64_t kRows = 8;

template <typename Element>
void TurnBlock(const Element* source, int64_t rows, int64_t columns, int64_t source_pitch,
               Element* target, int64_t target_pitch) {
  for (int64_t c = 0; c < columns; ++c) {
    for (int64_t r = 0; r < rows; ++r) target[c * target_pitch + r] = source[r * source_pitch + c];
  }
}

#if defined(__x86_64__)
const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;

// Two lanes of four floats, `high` rows further down.
__attribute__((target("avx2"))) inline __m256 TwoRows(const float* low, const float* high) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
}

// 8 rows of 4 columns: the rows come in pairs (r, r + 4), so that turning 4 x 4
// blocks within the lanes leaves whole rows of 8.
__attribute__((target("avx2"))) inline void Turn8x4(const float* source, int64_t source_pitch,
                                                    float* target, int64_t target_pitch) {
  const __m256 a = TwoRows(source, source + 4 * source_pitch);
  const __m256 b = TwoRows(source + source_pitch, source + 5 * source_pitch);
  const __m256 c = TwoRows(source + 2 * source_pitch, source + 6 * source_pitch);
  const __m256 d = TwoRows(source + 3 * source_pitch, source + 7 * source_pitch);
  const __m256 ab_low = _mm256_unpacklo_ps(a, b);
  const __m256 ab_high = _mm256_unpackhi_ps(a, b);
  const __m256 cd_low = _mm256_unpacklo_ps(c, d);
  const __m256 cd_high = _mm256_unpackhi_ps(c, d);
  _mm256_storeu_ps(target, _mm256_shuffle_ps(ab_low, cd_low, 0x44));
  _mm256_storeu_ps(target + target_pitch, _mm256_shuffle_ps(ab_low, cd_low, 0xEE));
  _mm256_storeu_ps(target + 2 * target_pitch, _mm256_shuffle_ps(ab_high, cd_high, 0x44));
  _mm256_storeu_ps(target + 3 * target_pitch, _mm256_shuffle_ps(ab_high, cd_high, 0xEE));
}

__attribute__((target("avx2"))) void TurnRows(const float* source, int64_t rows,
                                              int64_t source_pitch, float* target,
                                              int64_t target_pitch) {
  for (int64_t r = 0; r < rows; r += kRows) {
    for (int64_t c = 0; c < kColumns; c += 4) {
      Turn8x4(source + r * source_pitch + c, source_pitch, target + c * target_pitch + r,
              target_pitch);
    }
    // Too many rows for the processor to see the streams by itself.
    for (int64_t i = r; i < r + kRows; ++i) {
      _mm_prefetch(source + i * source_pitch + 2 * kColumns, _MM_HINT_T0);
    }
  }
}
#endif

// `rows` whole rows of kColumns columns; returns how many were turned.
template <typename Element>
int64_t TurnFast(const Element*, int64_t, int64_t, Element*, int64_t) {
  return 0;
}

#if defined(__x86_64__)
int64_t TurnFast(const float* source, int64_t rows, int64_t source_pitch, float* target,
                 int64_t target_pitch) {
  if (!kHasAvx2) return 0;
  const int64_t whole = rows / kRows * kRows;
  TurnRows(source, whole, source_pitch, target, target_pitch);
  return whole;
}
#endif

}  // namespace

template <typename Element>
void Transpose(const Element* source, int64_t rows, int64_t columns, int64_t source_pitch,
               Element* target, int64_t target_pitch) {
  for (int64_t c = 0; c < columns; c += kColumns) {
    const int64_t block = std::min(kColumns, columns - c);
    Element* const to = target + c * target_pitch;
    const int64_t done =
        block == kColumns ? TurnFast(source + c, rows, source_pitch, to, target_pitch) : 0;
    TurnBlock(source + c + done * source_pitch, rows - done, block, source_pitch, to + done,
              target_pitch);
  }
}

template void Transpose(const float*, int64_t, int64_t, int64_t, float*, int64_t);
template void Transpose(const double*, int64_t, int64_t, int64_t, double*, int64_t);
template void Transpose(const uint16_t*, int64_t, int64_t, int64_t, uint16_t*, int64_t);

}  // namespace convoy::batch
