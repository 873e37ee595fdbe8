#include "client/tool/load_tally.h"

namespace convoy::tool {

int64_t LoadTally::failed() const {
  int64_t sum = 0;
  for (const auto& [code, count] : errors) sum += count;
  return sum;
}

double LoadTally::RequestsPerSecond() const {
  if (elapsed <= absl::ZeroDuration()) return 0;
  return static_cast<double>(answered()) / absl::ToDoubleSeconds(elapsed);
}

void LoadTally::Merge(const LoadTally& later) {
  latency.Merge(later.latency);
  sent_bytes += later.sent_bytes;
  received_bytes += later.received_bytes;
  for (const auto& [code, count] : later.errors) errors[code] += count;
  if (first_error.ok()) first_error = later.first_error;
  dropped += later.dropped;
  elapsed += later.elapsed;
}

}  // namespace convoy::tool
