// What a stretch of load did.
#ifndef CONVOY_CLIENT_TOOL_LOAD_TALLY_H_
#define CONVOY_CLIENT_TOOL_LOAD_TALLY_H_

#include <cstdint>
#include <map>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/tool/latency_summary.h"

namespace convoy::tool {

// Plain sums; not thread-safe.
struct LoadTally {
  // Of requests answered with OK.
  LatencySummary latency;
  // Of those, messages as on the wire, without framing.
  int64_t sent_bytes = 0;
  int64_t received_bytes = 0;
  // Requests by the code of their failure; OK is not in it.
  std::map<absl::StatusCode, int64_t> errors;
  absl::Status first_error;
  // Requests that were due and not sent.
  int64_t dropped = 0;
  // How long the stretch took.
  absl::Duration elapsed;

  int64_t answered() const { return latency.count(); }
  int64_t failed() const;
  // Requests answered with OK a second; 0 for an empty stretch.
  double RequestsPerSecond() const;

  // Appends a later stretch.
  void Merge(const LoadTally& later);
};

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_LOAD_TALLY_H_
