// Elementary functions of float that a compiler can vectorise.
//
// Branches are selections, no function is called, and no float becomes an
// integer by conversion (undefined for NaN): loops over these become SIMD code
// for whatever the surrounding function is compiled for. Errors are given in
// units in the last place (ulp). NaN gives NaN.
#ifndef CONVOY_KERNEL_LAYER_FLOAT_MATH_H_
#define CONVOY_KERNEL_LAYER_FLOAT_MATH_H_

#include <bit>
#include <cmath>
#include <cstdint>

#define CONVOY_ALWAYS_INLINE inline __attribute__((always_inline))

// Compiles a function for several instruction sets and picks at load time. The
// sanitizers cannot run its resolver, which is called before they start.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
#define CONVOY_MULTIVERSION
#else
#define CONVOY_MULTIVERSION \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif

namespace convoy::layer {

// x limited to [low, high]; NaN stays NaN.
CONVOY_ALWAYS_INLINE float Clip(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

// x = n * ln 2 + r with integer n and |r| <= ln 2 / 2.
// REQUIRES: |x| < 2^21, or NaN.
struct ReducedExponent {
  float r;
  int32_t n;
};

CONVOY_ALWAYS_INLINE ReducedExponent ReduceExponent(float x) {
  // Adding 1.5 * 2^23 leaves the rounded integer in the low bits.
  constexpr float kRound = 12582912.0f;
  const float shifted = x * 1.44269504f + kRound;
  const float n = shifted - kRound;
  // ln 2 in two parts; the first has few bits, so its product is exact.
  const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  return {r, std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(kRound)};
}

// 2^n. REQUIRES: -126 <= n <= 127.
CONVOY_ALWAYS_INLINE float PowerOfTwo(int32_t n) {
  return std::bit_cast<float>(static_cast<uint32_t>(n + 127) << 23);
}

// exp(r) - 1 for |r| <= ln 2 / 2; 1 ulp.
CONVOY_ALWAYS_INLINE float ReducedExpm1(float r) {
  float q = 1.9857828e-4f;
  q = q * r + 1.3933687e-3f;
  q = q * r + 8.3333608e-3f;
  q = q * r + 4.1666464e-2f;
  q = q * r + 1.6666667e-1f;
  q = q * r + 5.0e-1f;
  return r + r * r * q;
}

// e^x; 2 ulp, with denormal results and overflow to infinity.
CONVOY_ALWAYS_INLINE float Exp(float x) {
  const ReducedExponent reduced = ReduceExponent(Clip(x, -104.0f, 89.0f));
  const int32_t half = reduced.n >> 1;
  return (1.0f + ReducedExpm1(reduced.r)) * PowerOfTwo(half) * PowerOfTwo(reduced.n - half);
}

// e^x - 1 for x <= 0; 2 ulp. Zero loses its sign.
CONVOY_ALWAYS_INLINE float Expm1NonPositive(float x) {
  const ReducedExponent reduced = ReduceExponent(Clip(x, -30.0f, 0.0f));
  const float scale = PowerOfTwo(reduced.n);
  return scale * ReducedExpm1(reduced.r) + (scale - 1.0f);
}

// log(1 + x) for 0 <= x <= 1; 2 ulp.
CONVOY_ALWAYS_INLINE float Log1pUnit(float x) {
  // 2 atanh(s), s = x / (2 + x), as a series in s^2.
  const float s = x / (2.0f + x);
  const float square = s * s;
  float q = 0.24413812f;
  q = q * square + 0.21393065f;
  q = q * square + 0.28620738f;
  q = q * square + 0.39998690f;
  q = q * square + 0.66666679f;
  return s * 2.0f + s * square * q;
}

// log(1 + e^x); 3 ulp.
CONVOY_ALWAYS_INLINE float Softplus(float x) {
  return (x > 0.0f ? x : 0.0f) + Log1pUnit(Exp(-std::fabs(x)));
}

// 1 / (1 + e^-x); 3 ulp.
CONVOY_ALWAYS_INLINE float Sigmoid(float x) { return 1.0f / (1.0f + Exp(-x)); }

// 3 ulp, odd also at zero.
CONVOY_ALWAYS_INLINE float Tanh(float x) {
  const float e = Expm1NonPositive(-2.0f * std::fabs(x));
  return std::copysign(e / (e + 2.0f), x);
}

// x times the normal distribution function; 8 ulp, also where it vanishes.
CONVOY_ALWAYS_INLINE float Gelu(float x) {
  // Past 15 the tail is zero.
  const float a = Clip(std::fabs(x), 0.0f, 15.0f);
  // tail = erfc(z) = e^(-z^2) t q(t), z = a / sqrt 2, t = 1 / (1 + 0.4 z).
  const float t = 1.0f / (1.0f + 0.28284271f * a);
  float q = -2.8266670e-2f;
  q = q * t + 1.9082358e-1f;
  q = q * t + -4.8196160e-1f;
  q = q * t + 5.2505177e-1f;
  q = q * t + -2.6583385e-1f;
  q = q * t + 2.6217046e-1f;
  q = q * t + 1.3307969e-1f;
  q = q * t + 2.1419564e-1f;
  q = q * t + 2.2503838e-1f;
  q = q * t + 2.2570251e-1f;
  // a^2 / 2 in two parts, because an error of the exponent is magnified: the
  // leading bits of `a` square exactly.
  const float head = std::bit_cast<float>(std::bit_cast<uint32_t>(a) & 0xFFFFF000u);
  const float rest = -0.5f * (a - head) * (a + head);
  const float tail = Exp(-0.5f * head * head) * (1.0f + ReducedExpm1(rest)) * t * q;
  return 0.5f * x * (x < 0.0f ? tail : 2.0f - tail);
}

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_FLOAT_MATH_H_
