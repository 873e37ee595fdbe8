// What is told of a ModelInfer call that ended.
#ifndef CONVOY_SERVER_METRICS_REQUEST_REPORT_H_
#define CONVOY_SERVER_METRICS_REQUEST_REPORT_H_

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"

namespace convoy::metrics {

// Where a call's time in the server went. Each moment is in exactly one stage.
struct Stages {
  // Until it was queued: reading and checking it. All of its time if it never was.
  std::chrono::nanoseconds decode{0};
  // Queued, while no part of it was computed.
  std::chrono::nanoseconds queue{0};
  // While at least one part of it was computed, perhaps together with others.
  std::chrono::nanoseconds compute{0};
  // From its last part to the answer that gRPC is given. 0 if it was not answered.
  std::chrono::nanoseconds respond{0};

  std::chrono::nanoseconds total() const { return decode + queue + compute + respond; }
};

struct RequestReport {
  absl::StatusCode code = absl::StatusCode::kOk;
  Stages stages;
  std::chrono::steady_clock::time_point ended;
  int64_t sequences = 0;  // that were answered
  int64_t input_bytes = 0;
  int64_t output_bytes = 0;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_REQUEST_REPORT_H_
