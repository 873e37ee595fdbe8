#include "server/batching/tenant.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "server/batching/admission.h"
#include "server/batching/refusal_reason.h"

namespace convoy::batching {
namespace {

// Nobody knows when the tenant's other requests are done.
constexpr char kRetryAfterMilliseconds[] = "20";

absl::Status Refuse(const std::string& message) {
  absl::Status status = absl::ResourceExhaustedError(message);
  status.SetPayload(kRetryAfterPayload, absl::Cord(kRetryAfterMilliseconds));
  return WithReason(std::move(status), RefusalReason::kTenant);
}

}  // namespace

void Tenant::SetLimits(const TenantLimits& limits) {
  weight_.store(limits.weight, std::memory_order_relaxed);
  max_in_flight_.store(limits.max_in_flight, std::memory_order_relaxed);
  max_bytes_.store(limits.max_waiting_bytes, std::memory_order_relaxed);
}

absl::Status Tenant::Enter(int64_t bytes) {
  const int64_t most = max_in_flight_.load(std::memory_order_relaxed);
  const int64_t most_bytes = max_bytes_.load(std::memory_order_relaxed);
  const int64_t others = in_flight_.fetch_add(1, std::memory_order_relaxed);
  const int64_t others_bytes = bytes_.fetch_add(bytes, std::memory_order_relaxed);
  if (most > 0 && others >= most) {
    Leave(bytes);
    return Refuse(
        absl::StrCat("the caller has ", others, " requests under way, its limit is ", most));
  }
  // One that finds nothing before it is let in whatever its size.
  if (most_bytes > 0 && others_bytes > 0 && others_bytes + bytes > most_bytes) {
    Leave(bytes);
    return Refuse(absl::StrCat("the caller's requests under way have ", others_bytes,
                               " bytes, this one has ", bytes, ", its limit is ", most_bytes));
  }
  return absl::OkStatus();
}

void Tenant::Leave(int64_t bytes) {
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

void Tenant::OnEnd(absl::StatusCode code) {
  Outcome outcome = kFailed;
  if (code == absl::StatusCode::kOk) outcome = kAnswered;
  if (code == absl::StatusCode::kResourceExhausted || code == absl::StatusCode::kPermissionDenied) {
    outcome = kRefused;
  }
  ended_[outcome].fetch_add(1, std::memory_order_relaxed);
}

}  // namespace convoy::batching
