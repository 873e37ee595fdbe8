#include "client/retry_hint.h"

#include <cstdint>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"

namespace convoy::client {
namespace {

std::optional<int64_t> Parse(const std::string& text) {
  int64_t milliseconds = 0;
  if (!absl::SimpleAtoi(text, &milliseconds) || milliseconds < 0) return std::nullopt;
  return milliseconds;
}

}  // namespace

void AttachRetryHint(std::string_view milliseconds, absl::Status& status) {
  const std::string text(milliseconds);
  if (Parse(text).has_value()) status.SetPayload(kRetryAfterTrailer, absl::Cord(text));
}

std::optional<absl::Duration> RetryHint(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kRetryAfterTrailer);
  if (!payload.has_value()) return std::nullopt;
  const std::optional<int64_t> milliseconds = Parse(std::string(*payload));
  if (!milliseconds.has_value()) return std::nullopt;
  return absl::Milliseconds(*milliseconds);
}

}  // namespace convoy::client
