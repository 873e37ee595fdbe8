// Sums and products of sizes that say when they do not fit in 64 bits.
#ifndef CONVOY_KERNEL_LAYER_CHECKED_MATH_H_
#define CONVOY_KERNEL_LAYER_CHECKED_MATH_H_

#include <cstdint>
#include <optional>

namespace convoy::layer {

// a * b * ..., or nothing on overflow.
template <typename... Factors>
constexpr std::optional<int64_t> CheckedMultiply(int64_t first, Factors... factors) {
  int64_t product = first;
  const bool overflow = (__builtin_mul_overflow(product, int64_t{factors}, &product) || ...);
  if (overflow) return std::nullopt;
  return product;
}

// a + b + ..., or nothing on overflow.
template <typename... Terms>
constexpr std::optional<int64_t> CheckedAdd(int64_t first, Terms... terms) {
  int64_t sum = first;
  const bool overflow = (__builtin_add_overflow(sum, int64_t{terms}, &sum) || ...);
  if (overflow) return std::nullopt;
  return sum;
}

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_CHECKED_MATH_H_
