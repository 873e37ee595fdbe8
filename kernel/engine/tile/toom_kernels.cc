#include "kernel/engine/tile/toom_kernels.h"

#include <algorithm>

namespace convoy::engine {
namespace {

#define CONVOY_AVX2 __attribute__((target("avx2,fma")))
#define CONVOY_AVX2_INLINE inline __attribute__((always_inline, target("avx2,fma")))

// Eight floats; the other type is for those that lie anywhere.
using Lanes = float __attribute__((vector_size(32)));
using AnyLanes = float __attribute__((vector_size(32), aligned(4)));
using Bits = int __attribute__((vector_size(32)));

CONVOY_AVX2_INLINE void Load(const float* from, Lanes& to) {
  to = *reinterpret_cast<const AnyLanes*>(from);
}

CONVOY_AVX2_INLINE void Store(const Lanes& from, float* to) {
  *reinterpret_cast<AnyLanes*>(to) = from;
}

CONVOY_AVX2_INLINE float Total(const Lanes& lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
         ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

// B^T for each set of points (ToomCook), even and odd powers apart.
template <int kPoints>
CONVOY_AVX2_INLINE void ToPoints(const Lanes* x, Lanes* v);

template <>
CONVOY_AVX2_INLINE void ToPoints<4>(const Lanes* x, Lanes* v) {
  v[0] = x[2] - x[0];
  v[1] = x[2] + x[1];
  v[2] = x[2] - x[1];
  v[3] = x[3] - x[1];
}

template <>
CONVOY_AVX2_INLINE void ToPoints<6>(const Lanes* x, Lanes* v) {
  v[0] = (x[0] + x[4]) - 4.25f * x[2];
  const Lanes even_half = x[4] - 4.0f * x[2];
  const Lanes odd_half = 0.5f * x[3] - 2.0f * x[1];
  v[1] = even_half + odd_half;
  v[2] = even_half - odd_half;
  const Lanes even_two = x[4] - 0.25f * x[2];
  const Lanes odd_two = 2.0f * x[3] - 0.5f * x[1];
  v[3] = even_two + odd_two;
  v[4] = even_two - odd_two;
  v[5] = (x[1] + x[5]) - 4.25f * x[3];
}

template <>
CONVOY_AVX2_INLINE void ToPoints<8>(const Lanes* x, Lanes* v) {
  v[0] = (x[6] - x[0]) + 5.25f * (x[2] - x[4]);
  const Lanes even_one = (x[6] + x[2]) - 4.25f * x[4];
  const Lanes odd_one = (x[5] + x[1]) - 4.25f * x[3];
  v[1] = even_one + odd_one;
  v[2] = even_one - odd_one;
  const Lanes even_half = (x[6] + 4.0f * x[2]) - 5.0f * x[4];
  const Lanes odd_half = (0.5f * x[5] + 2.0f * x[1]) - 2.5f * x[3];
  v[3] = even_half + odd_half;
  v[4] = even_half - odd_half;
  const Lanes even_two = (x[6] + 0.25f * x[2]) - 1.25f * x[4];
  const Lanes odd_two = (2.0f * x[5] + 0.5f * x[1]) - 2.5f * x[3];
  v[5] = even_two + odd_two;
  v[6] = even_two - odd_two;
  v[7] = (x[7] - x[1]) + 5.25f * (x[3] - x[5]);
}

template <int kPoints>
CONVOY_AVX2 void Frames(const float* const* frames, int64_t channels, float* to, int64_t pitch,
                        float* squares) {
  Lanes sums[kPoints] = {};
  for (int64_t c = 0; c < channels; c += kToomLanes) {
    Lanes x[kPoints];
    Lanes v[kPoints];
#pragma GCC unroll 8
    for (int i = 0; i < kPoints; ++i) Load(frames[i] + c, x[i]);
    ToPoints<kPoints>(x, v);
#pragma GCC unroll 8
    for (int i = 0; i < kPoints; ++i) {
      Store(v[i], to + i * pitch + c);
      sums[i] += v[i] * v[i];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < kPoints; ++i) squares[i] = Total(sums[i]);
}

// A^T: powers of the points, the same for a point and its negative but for the sign.
template <int kPoints, int kOutputs>
CONVOY_AVX2_INLINE void FromPoints(const Lanes* q, Lanes* y) {
  constexpr bool kHasOne = kPoints != 6;
  constexpr bool kHasTwo = kPoints != 4;
  constexpr int kHalf = kHasOne ? 3 : 1;  // index of the point 1/2
  float half = 1;
  float two = 1;
#pragma GCC unroll 8
  for (int p = 0; p < kOutputs; ++p) {
    const float sign = p % 2 == 0 ? 1.0f : -1.0f;
    if constexpr (kHasTwo) {
      y[p] = half * (q[kHalf] + sign * q[kHalf + 1]) + two * (q[kHalf + 2] + sign * q[kHalf + 3]);
      if constexpr (kHasOne) y[p] += q[1] + sign * q[2];
    } else {
      y[p] = q[1] + sign * q[2];
    }
    half *= 0.5f;
    two *= 2.0f;
  }
  y[0] += q[0];
  y[kOutputs - 1] += q[kPoints - 1];
}

template <int kPoints, int kOutputs>
CONVOY_AVX2 void Results(const float* from, int64_t pitch, const float* bias, bool half,
                         float* const* results) {
  for (int64_t f = 0; f < (half ? kToomLanes : kToomFilters); f += kToomLanes) {
    Lanes q[kPoints];
    Lanes y[kOutputs];
#pragma GCC unroll 8
    for (int i = 0; i < kPoints; ++i) Load(from + i * pitch + f, q[i]);
    FromPoints<kPoints, kOutputs>(q, y);
    Lanes b = {};
    if (bias != nullptr) Load(bias + f, b);
#pragma GCC unroll 8
    for (int p = 0; p < kOutputs; ++p) {
      if (results[p] != nullptr) Store(y[p] + b, results[p] + f);
    }
  }
}

// Products of `count` channels; the first chain of channels sets `to`, the others add to
// it. Inlined, so that a constant count makes a loop that the processor foresees: 7 %.
CONVOY_AVX2_INLINE void AddChain(const float* from, int64_t pitch, const float* panel,
                                 int64_t count, bool first, float* to) {
  Lanes sums[kToomGroups][2];
#pragma GCC unroll 6
  for (int g = 0; g < kToomGroups; ++g) sums[g][0] = sums[g][1] = Lanes{};
  for (int64_t c = 0; c < count; ++c) {
    Lanes weights[2];
    Load(panel + c * kToomFilters, weights[0]);
    Load(panel + c * kToomFilters + kToomLanes, weights[1]);
#pragma GCC unroll 6
    for (int g = 0; g < kToomGroups; ++g) {
      const float x = from[g * pitch + c];
      sums[g][0] += x * weights[0];
      sums[g][1] += x * weights[1];
    }
  }
#pragma GCC unroll 6
  for (int g = 0; g < kToomGroups; ++g) {
    for (int half = 0; half < 2; ++half) {
      float* const at = to + g * kToomFilters + half * kToomLanes;
      if (!first) {
        Lanes before;
        Load(at, before);
        sums[g][half] += before;
      }
      Store(sums[g][half], at);
    }
  }
}

using ResultsFunction = void (*)(const float*, int64_t, const float*, bool, float* const*);

// By the number of outputs.
template <int kPoints>
ResultsFunction ResultsOf(int outputs) {
  switch (outputs) {
    case 2:
      return Results<kPoints, 2>;
    case 3:
      return Results<kPoints, 3>;
    case 4:
      if constexpr (kPoints > 4) return Results<kPoints, 4>;
      break;
    case 5:
      if constexpr (kPoints > 5) return Results<kPoints, 5>;
      break;
    case 6:
      if constexpr (kPoints > 6) return Results<kPoints, 6>;
      break;
    default:
      break;
  }
  if constexpr (kPoints > 7) return Results<kPoints, 7>;
  return nullptr;
}

}  // namespace

CONVOY_AVX2 void FrameSums(const float* frame, int64_t channels, float& sum, float& squares) {
  constexpr int kMagnitude = 0x7fffffff;
  Lanes sums = {};
  Lanes products = {};
  for (int64_t c = 0; c < channels; c += kToomLanes) {
    Lanes x;
    Load(frame + c, x);
    sums += reinterpret_cast<Lanes>(reinterpret_cast<Bits>(x) & kMagnitude);
    products += x * x;
  }
  sum = Total(sums);
  squares = Total(products);
}

void TransformFrames(int points, const float* const* frames, int64_t channels, float* to,
                     int64_t pitch, float* squares) {
  if (points == 4) return Frames<4>(frames, channels, to, pitch, squares);
  if (points == 6) return Frames<6>(frames, channels, to, pitch, squares);
  return Frames<8>(frames, channels, to, pitch, squares);
}

CONVOY_AVX2 void MultiplyPanel(const float* from, int64_t channels, const float* panel, float* to) {
  int64_t c = 0;
  for (; c + kToomChain <= channels; c += kToomChain) {
    AddChain(from + c, channels, panel + c * kToomFilters, kToomChain, c == 0, to);
  }
  if (c < channels) {
    AddChain(from + c, channels, panel + c * kToomFilters, channels - c, c == 0, to);
  }
}

void TransformProducts(int points, int outputs, const float* from, int64_t pitch, const float* bias,
                       bool half, float* const* results) {
  const ResultsFunction function = points == 4   ? ResultsOf<4>(outputs)
                                   : points == 6 ? ResultsOf<6>(outputs)
                                                 : ResultsOf<8>(outputs);
  function(from, pitch, bias, half, results);
}

}  // namespace convoy::engine
