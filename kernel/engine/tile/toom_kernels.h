// The inner loops of Toom-Cook tiles, for processors with AVX2.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TOOM_KERNELS_H_
#define CONVOY_KERNEL_ENGINE_TILE_TOOM_KERNELS_H_

#include <cstdint>

#include "kernel/engine/tile/toom_cook.h"

namespace convoy::engine {

// All counts of channels are multiples of kToomLanes. Nothing needs alignment. To be
// called where HasAvx2() only.
inline constexpr int64_t kToomLanes = 8;
// Groups that are multiplied at a time, and filters of a panel of weights.
inline constexpr int64_t kToomGroups = 6;
inline constexpr int64_t kToomFilters = 16;
// Products that are added one after another; such sums are added to each other. In one
// long sum rounding errors grow with its length.
inline constexpr int64_t kToomChain = 32;

// Of the magnitudes of one frame, in float: their sum and the sum of their squares.
void FrameSums(const float* frame, int64_t channels, float& sum, float& squares);

// B^T of one group of frames, frames[0..points), (channels) each, to `to`: point i at
// to + i * pitch. squares[i] is the sum of the squares of what was written there.
void TransformFrames(int points, const float* const* frames, int64_t channels, float* to,
                     int64_t pitch, float* squares);

// (kToomGroups, channels) times (channels, kToomFilters): `from` has rows of
// `channels`, the others lie dense.
void MultiplyPanel(const float* from, int64_t channels, const float* panel, float* to);

// A^T of one group and panel: results[p] gets output p of kToomFilters filters (8 only
// where `half`), plus `bias` if that is not null. Of point i the products are at
// from + i * pitch. Outputs whose result is null are left out.
// REQUIRES: 1 < outputs < points.
void TransformProducts(int points, int outputs, const float* from, int64_t pitch, const float* bias,
                       bool half, float* const* results);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TOOM_KERNELS_H_
