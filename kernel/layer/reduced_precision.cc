#include "kernel/layer/reduced_precision.h"

#include <cmath>

#include "kernel/layer/float_math.h"

namespace convoy::layer {
namespace {

// The float next to `value` on the side of its odd last bit, unless exact: a
// second rounding of that to fewer bits is as good as one from `value`.
float RoundToOdd(double value) {
  const float nearest = static_cast<float>(value);
  if (static_cast<double>(nearest) == value || !std::isfinite(nearest)) return nearest;
  if ((std::bit_cast<uint32_t>(nearest) & 1) != 0) return nearest;
  return std::nextafter(nearest, static_cast<double>(nearest) < value ? INFINITY : -INFINITY);
}

template <typename From, typename To, typename Convert>
CONVOY_ALWAYS_INLINE void Transform(const From* from, To* to, size_t size, Convert convert) {
  for (size_t i = 0; i < size; ++i) to[i] = convert(from[i]);
}

}  // namespace

uint16_t DoubleToBfloat16(double value) { return FloatToBfloat16(RoundToOdd(value)); }

uint16_t DoubleToFloat16(double value) { return FloatToFloat16(RoundToOdd(value)); }

CONVOY_MULTIVERSION void WidenBfloat16(absl::Span<const uint16_t> bits, absl::Span<float> values) {
  Transform(bits.data(), values.data(), bits.size(), Bfloat16ToFloat);
}

CONVOY_MULTIVERSION void WidenFloat16(absl::Span<const uint16_t> bits, absl::Span<float> values) {
  Transform(bits.data(), values.data(), bits.size(), Float16ToFloat);
}

CONVOY_MULTIVERSION void NarrowToBfloat16(absl::Span<const float> values,
                                          absl::Span<uint16_t> bits) {
  Transform(values.data(), bits.data(), values.size(), FloatToBfloat16);
}

CONVOY_MULTIVERSION void NarrowToFloat16(absl::Span<const float> values,
                                         absl::Span<uint16_t> bits) {
  Transform(values.data(), bits.data(), values.size(), FloatToFloat16);
}

CONVOY_MULTIVERSION void RoundTo(DType dtype, absl::Span<float> values) {
  float* const data = values.data();
  if (dtype == DType::kBfloat16) {
    Transform(data, data, values.size(),
              [](float value) { return Bfloat16ToFloat(FloatToBfloat16(value)); });
  } else if (dtype == DType::kFloat16) {
    Transform(data, data, values.size(),
              [](float value) { return Float16ToFloat(FloatToFloat16(value)); });
  }
}

}  // namespace convoy::layer
