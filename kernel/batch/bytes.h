// A run of bytes in memory that somebody else owns.
#ifndef CONVOY_KERNEL_BATCH_BYTES_H_
#define CONVOY_KERNEL_BATCH_BYTES_H_

#include <cstddef>

#include "absl/types/span.h"

namespace convoy::batch {

using Bytes = absl::Span<const std::byte>;

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_BYTES_H_
