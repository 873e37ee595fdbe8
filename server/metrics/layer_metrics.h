// What the server tells about one layer's work.
#ifndef CONVOY_SERVER_METRICS_LAYER_METRICS_H_
#define CONVOY_SERVER_METRICS_LAYER_METRICS_H_

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "server/batching/batch_report.h"

namespace convoy::metrics {

// The instruments of one layer. Thread-safe.
class LayerMetrics : public batching::BatchObserver {
 public:
  // One ModelInfer call ended: its status, its time inside the server, the
  // payload bytes it brought and the bytes it took away.
  virtual void OnRequest(absl::StatusCode code, std::chrono::nanoseconds latency,
                         int64_t input_bytes, int64_t output_bytes) = 0;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_LAYER_METRICS_H_
