#include "server/batching/admission.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "server/batching/refusal_reason.h"

namespace convoy::batching {
namespace {

absl::Status Refuse(RefusalReason reason, const std::string& message, double wait) {
  // When half of what waits is done there is room.
  const double milliseconds = std::clamp(std::ceil(wait * 1e3 / 2), 1.0, 60e3);
  absl::Status status = absl::ResourceExhaustedError(message);
  status.SetPayload(kRetryAfterPayload,
                    absl::Cord(absl::StrCat(static_cast<int64_t>(milliseconds))));
  return WithReason(std::move(status), reason);
}

// A task that is taken and late is work for nothing, one that is refused costs
// little: so a wait is taken for a quarter longer than it seems.
constexpr double kWaitMargin = 1.25;

// Nobody knows when callers will read. Long enough that those who come again are few.
constexpr double kReadingSeconds = 0.2;

std::string Milliseconds(double seconds) { return absl::StrCat(seconds * 1e3, " ms"); }

}  // namespace

absl::Status Admit(const AdmissionLimits& limits, const Backlog& backlog, const Demand& demand,
                   Clock::time_point now) {
  const double wait = backlog.seconds_before / limits.workers;
  if (demand.run_bytes > limits.max_run_bytes) {
    return WithReason(absl::ResourceExhaustedError(absl::StrCat(
                          "the request needs ", demand.run_bytes,
                          " bytes of memory while it runs, the limit is ", limits.max_run_bytes)),
                      RefusalReason::kRunBytes);
  }
  if (backlog.run_bytes > limits.max_run_bytes) {
    return Refuse(RefusalReason::kRunBytes,
                  absl::StrCat("the queue is full: what waits and runs would need up to ",
                               backlog.run_bytes, " bytes of memory at a time with the request's ",
                               demand.run_bytes, ", the limit is ", limits.max_run_bytes),
                  std::max(wait, backlog.seconds / limits.workers));
  }
  if (backlog.bytes > 0 && backlog.bytes + demand.bytes > limits.max_bytes) {
    return Refuse(
        RefusalReason::kQueueBytes,
        absl::StrCat("the queue is full: ", backlog.bytes, " bytes wait or run, the request has ",
                     demand.bytes, ", the limit is ", limits.max_bytes),
        std::max(wait, backlog.seconds / limits.workers));
  }
  if (backlog.answer_bytes > 0 &&
      backlog.answer_bytes + demand.answer_bytes > limits.max_unread_bytes) {
    return Refuse(RefusalReason::kUnreadBytes,
                  absl::StrCat("answers are read too slowly: ", backlog.answer_bytes,
                               " bytes are not read yet, the request's would have ",
                               demand.answer_bytes, ", the limit is ", limits.max_unread_bytes),
                  std::max(wait, kReadingSeconds));
  }
  if (wait > limits.max_seconds) {
    return Refuse(
        RefusalReason::kQueueSeconds,
        absl::StrCat("the queue is full: the request would wait about ", Milliseconds(wait),
                     ", the limit is ", Milliseconds(limits.max_seconds)),
        wait);
  }
  if (demand.deadline == Clock::time_point::max()) return absl::OkStatus();
  const double left = std::chrono::duration<double>(demand.deadline - now).count();
  const auto shares = static_cast<double>(std::min<int64_t>(demand.parts, limits.workers));
  const double work = demand.seconds / shares;
  if (work > left) {
    return WithReason(
        absl::DeadlineExceededError(absl::StrCat(
            "the request takes about ", Milliseconds(work), " of computing, its deadline ",
            left > 0 ? absl::StrCat("is in ", Milliseconds(left)) : "has passed")),
        RefusalReason::kDeadline);
  }
  const double done = wait * kWaitMargin + std::max(work, demand.wall_seconds / shares);
  if (wait == 0 || done <= left) return absl::OkStatus();
  return Refuse(RefusalReason::kDeadline,
                absl::StrCat("the request would be done in about ", Milliseconds(done),
                             ", its deadline is in ", Milliseconds(left)),
                wait);
}

}  // namespace convoy::batching
