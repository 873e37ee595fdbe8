// Why a request is refused.
#ifndef CONVOY_SERVER_BATCHING_REFUSAL_REASON_H_
#define CONVOY_SERVER_BATCHING_REFUSAL_REASON_H_

#include <cstddef>
#include <optional>

#include "absl/status/status.h"

namespace convoy::batching {

enum class RefusalReason : unsigned char {
  kQueueBytes,    // too many tensor bytes wait and run
  kQueueSeconds,  // it would wait too long
  kUnreadBytes,   // callers do not read their answers
  kRunBytes,      // too much memory while it runs, alone or with what runs
  kDeadline,      // it could not be done in time
  kShutdown,      // the server ends
  kSize,          // the message, or the answer that it asks for, is too large
  kTenant,        // a limit of its caller's own
};
inline constexpr size_t kRefusalReasons = 8;

// As metrics and logs call it: "queue_bytes".
const char* NameOf(RefusalReason reason);

// `refusal`, with its reason.
absl::Status WithReason(absl::Status refusal, RefusalReason reason);
// What WithReason noted.
std::optional<RefusalReason> ReasonOf(const absl::Status& refusal);

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_REFUSAL_REASON_H_
