#include "server/batching/refusal_reason.h"

#include <string>

#include "absl/strings/cord.h"

namespace convoy::batching {
namespace {

constexpr char kPayload[] = "convoy/refusal-reason";
constexpr const char* kNames[kRefusalReasons] = {"queue_bytes", "queue_seconds", "unread_bytes",
                                                 "run_bytes",   "deadline",      "shutdown",
                                                 "size",        "tenant"};

}  // namespace

const char* NameOf(RefusalReason reason) { return kNames[static_cast<size_t>(reason)]; }

absl::Status WithReason(absl::Status refusal, RefusalReason reason) {
  refusal.SetPayload(kPayload, absl::Cord(NameOf(reason)));
  return refusal;
}

std::optional<RefusalReason> ReasonOf(const absl::Status& refusal) {
  const auto payload = refusal.GetPayload(kPayload);
  if (!payload.has_value()) return std::nullopt;
  for (size_t i = 0; i < kRefusalReasons; ++i) {
    if (*payload == kNames[i]) return static_cast<RefusalReason>(i);
  }
  return std::nullopt;
}

}  // namespace convoy::batching
