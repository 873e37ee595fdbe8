// When a server that is full may be asked again.
#ifndef CONVOY_CLIENT_RETRY_HINT_H_
#define CONVOY_CLIENT_RETRY_HINT_H_

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace convoy::client {

// The trailer a server sends with RESOURCE_EXHAUSTED: milliseconds in decimal.
inline constexpr char kRetryAfterTrailer[] = "retry-after-ms";

// Makes `milliseconds`, as the trailer had it, a part of `status`. Text that is
// not a number of at least 0 is ignored.
void AttachRetryHint(std::string_view milliseconds, absl::Status& status);

// How long to wait before the next try; nothing when the server did not say.
std::optional<absl::Duration> RetryHint(const absl::Status& status);

}  // namespace convoy::client

#endif  // CONVOY_CLIENT_RETRY_HINT_H_
