// Texts for Abseil's functions.
#ifndef CONVOY_KERNEL_BASE_ABSL_VIEW_H_
#define CONVOY_KERNEL_BASE_ABSL_VIEW_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace convoy {

// The same text as what Abseil's functions take. Where Abseil was built for C++14, as on
// Debian 12, that is a class of its own.
inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace convoy

#endif  // CONVOY_KERNEL_BASE_ABSL_VIEW_H_
