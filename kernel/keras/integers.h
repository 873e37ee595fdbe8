// Integers of JSON as numbers of 64 bits.
#ifndef CONVOY_KERNEL_KERAS_INTEGERS_H_
#define CONVOY_KERNEL_KERAS_INTEGERS_H_

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace convoy::keras {

// Nothing for what is no integer, and for an integer above 2^63 - 1, which the
// parser keeps as unsigned and get<int64_t>() would make negative.
inline std::optional<int64_t> Int64Of(const nlohmann::json& value) {
  constexpr auto kLargest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() && value.get<uint64_t>() > kLargest) return std::nullopt;
  return value.get<int64_t>();
}

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_INTEGERS_H_
