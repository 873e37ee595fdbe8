// JSON that anybody may have written.
#ifndef CONVOY_KERNEL_BASE_BOUNDED_JSON_H_
#define CONVOY_KERNEL_BASE_BOUNDED_JSON_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/status/statusor.h"

namespace convoy {

// What is far beyond any file of ours or of Keras'. Copying and printing a value
// takes a stack frame per level, and a value takes many times the bytes of its text.
struct JsonBounds {
  size_t depth = 64;
  size_t values = 100'000;                 // numbers, strings, lists, ...; keys count too
  size_t string_bytes = size_t{64} << 10;  // of one string or key
};

// The value of `text`, read in two passes: the first one keeps nothing and stops
// at the first bound.
//   INVALID_ARGUMENT  not JSON, or a bound is passed; names the byte.
absl::StatusOr<nlohmann::json> ParseBoundedJson(std::string_view text,
                                                const JsonBounds& bounds = {});

}  // namespace convoy

#endif  // CONVOY_KERNEL_BASE_BOUNDED_JSON_H_
