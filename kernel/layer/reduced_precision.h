// bfloat16 and float16 as bits, and rounding of float to them.
//
// All conversions from float round to nearest, ties to even; NaN stays a NaN
// and infinities stay infinite. The loops compile to SIMD code.
#ifndef CONVOY_KERNEL_LAYER_REDUCED_PRECISION_H_
#define CONVOY_KERNEL_LAYER_REDUCED_PRECISION_H_

#include <bit>
#include <cstdint>

#include "absl/types/span.h"
#include "kernel/layer/dtype.h"

namespace convoy::layer {

constexpr float Bfloat16ToFloat(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

constexpr uint16_t FloatToBfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  // Rounding could carry a NaN into infinity: set its quiet bit instead.
  const uint32_t rounded = bits + 0x7FFF + ((bits >> 16) & 1);
  return static_cast<uint16_t>((value == value ? rounded : bits | 0x400000) >> 16);
}

constexpr float Float16ToFloat(uint16_t bits) {
  // Shifted to float's fields the exponent is 112 short; multiplying by 2^112
  // corrects it and normalises denormals in one exact step.
  const uint32_t shifted = static_cast<uint32_t>(bits & 0x7FFF) << 13;
  const float scaled = std::bit_cast<float>(shifted) * 0x1p112f;
  const uint32_t magnitude =
      (bits & 0x7C00) == 0x7C00 ? shifted | 0x7F800000 : std::bit_cast<uint32_t>(scaled);
  return std::bit_cast<float>(magnitude | static_cast<uint32_t>(bits & 0x8000) << 16);
}

constexpr uint16_t FloatToFloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000;
  const uint32_t magnitude = bits & 0x7FFFFFFF;
  // Below 2^-14 the result is denormal: adding 0.5 makes the hardware round to
  // its last place, 2^-24.
  const float tiny = std::bit_cast<float>(magnitude) + 0.5f;
  const uint32_t denormal = std::bit_cast<uint32_t>(tiny) - std::bit_cast<uint32_t>(0.5f);
  const uint32_t normal = (magnitude - (112u << 23) + 0xFFF + ((magnitude >> 13) & 1)) >> 13;
  uint32_t half = magnitude < 0x38800000 ? denormal : normal;
  // From 65520 on everything rounds to infinity.
  half = magnitude >= 0x477FF000 ? 0x7C00 : half;
  half = magnitude > 0x7F800000 ? 0x7E00 : half;
  return static_cast<uint16_t>(half | sign);
}

// double -> float16 or bfloat16 in one rounding: through float rounded to odd.
uint16_t DoubleToBfloat16(double value);
uint16_t DoubleToFloat16(double value);

// Bits of bfloat16 or float16 to float, and back. Sizes are equal.
void WidenBfloat16(absl::Span<const uint16_t> bits, absl::Span<float> values);
void WidenFloat16(absl::Span<const uint16_t> bits, absl::Span<float> values);
void NarrowToBfloat16(absl::Span<const float> values, absl::Span<uint16_t> bits);
void NarrowToFloat16(absl::Span<const float> values, absl::Span<uint16_t> bits);

// Rounds every value to the nearest one of `dtype`, in place; nothing happens
// for float32.
// REQUIRES: dtype is kBfloat16, kFloat16 or kFloat32.
void RoundTo(DType dtype, absl::Span<float> values);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_REDUCED_PRECISION_H_
