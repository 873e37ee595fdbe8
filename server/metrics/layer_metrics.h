// What the server tells about one layer's work.
#ifndef CONVOY_SERVER_METRICS_LAYER_METRICS_H_
#define CONVOY_SERVER_METRICS_LAYER_METRICS_H_

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"

namespace convoy::metrics {

// The instruments of one layer. Thread-safe; lives as long as its Metrics.
class LayerMetrics {
 public:
  virtual ~LayerMetrics() = default;

  // One ModelInfer call ended: its status, its time inside the server, the
  // payload bytes it brought and the bytes it took away.
  virtual void OnRequest(absl::StatusCode code, std::chrono::nanoseconds latency,
                         int64_t input_bytes, int64_t output_bytes) = 0;

  // One batch was executed: requests and sequences in it, and its time.
  virtual void OnBatch(int64_t requests, int64_t sequences, std::chrono::nanoseconds execution) = 0;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_LAYER_METRICS_H_
