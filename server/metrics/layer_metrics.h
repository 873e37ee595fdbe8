// What the server tells about one layer's work.
#ifndef CONVOY_SERVER_METRICS_LAYER_METRICS_H_
#define CONVOY_SERVER_METRICS_LAYER_METRICS_H_

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"

namespace convoy::metrics {

// An executed batch. A request that was cut into parts counts where its last one ended.
struct BatchCounts {
  int64_t parts = 0;      // in the batch; a request that was not cut is one
  int64_t requests = 0;   // of which all is computed now
  int64_t sequences = 0;  // of these requests
  std::chrono::nanoseconds duration{0};
  // The times for which at least one part of each of these requests was executed.
  std::chrono::nanoseconds request_durations{0};
};

// The instruments of one layer. Thread-safe.
class LayerMetrics {
 public:
  virtual ~LayerMetrics() = default;

  // One ModelInfer call ended: its status, its time inside the server, the
  // payload bytes it brought and the bytes it took away.
  virtual void OnRequest(absl::StatusCode code, std::chrono::nanoseconds latency,
                         int64_t input_bytes, int64_t output_bytes) = 0;

  // One batch was executed.
  virtual void OnBatch(const BatchCounts& batch) = 0;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_LAYER_METRICS_H_
