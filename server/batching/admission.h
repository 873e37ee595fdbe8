// Whether a task may wait.
#ifndef CONVOY_SERVER_BATCHING_ADMISSION_H_
#define CONVOY_SERVER_BATCHING_ADMISSION_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "server/batching/entry.h"

namespace convoy::batching {

// Payload of a refusal that passes: milliseconds, in decimal, after which it is
// worth trying again.
inline constexpr char kRetryAfterPayload[] = "convoy/retry-after-ms";

struct AdmissionLimits {
  // Payload bytes of tasks that wait or run.
  int64_t max_bytes = 0;
  // Bytes of answers that nobody has read yet, the answers to come included.
  int64_t max_unread_bytes = 0;
  // Memory that tasks need while they run.
  int64_t max_run_bytes = std::numeric_limits<int64_t>::max();
  // Time until the last waiting task begins, if it waits its turn.
  double max_seconds = 0;
  int workers = 1;
};

// What is there already.
struct Backlog {
  int64_t bytes = 0;          // waiting and running, of all layers
  int64_t answer_bytes = 0;   // answers to come, and those that were not read yet
  int64_t run_bytes = 0;      // the most that runs at a time, the task included
  double seconds = 0;         // that all waiting tasks will take
  double seconds_before = 0;  // of these, what is done before the task is
};

// What comes.
struct Demand {
  int64_t bytes = 0;
  int64_t answer_bytes = 0;
  int64_t run_bytes = 0;    // the most of it that runs at a time
  double seconds = 0;       // estimated work
  double wall_seconds = 0;  // what such work takes as things are
  int64_t parts = 1;        // which workers can share
  Clock::time_point deadline = Clock::time_point::max();
};

// A task that finds nothing before it is taken whatever its size, unless it
// cannot be done in time, or not within the memory that may be used.
//   RESOURCE_EXHAUSTED  too many bytes or too much work wait, too many answers are
//                       unread, what runs would need too much memory, or the deadline
//                       would pass; with kRetryAfterPayload, unless the task alone
//                       needs too much.
//   DEADLINE_EXCEEDED   computing alone takes longer than the deadline allows.
// Either has its reason (ReasonOf).
absl::Status Admit(const AdmissionLimits& limits, const Backlog& backlog, const Demand& demand,
                   Clock::time_point now);

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_ADMISSION_H_
