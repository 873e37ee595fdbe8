// What the server tells about one layer's work.
#ifndef CONVOY_SERVER_METRICS_LAYER_METRICS_H_
#define CONVOY_SERVER_METRICS_LAYER_METRICS_H_

#include <chrono>

#include "server/batching/batch_report.h"
#include "server/metrics/request_report.h"

namespace convoy::metrics {

// The instruments of one layer. Thread-safe.
class LayerMetrics : public batching::BatchObserver {
 public:
  // One ModelInfer call ended, and its answer is on its way.
  virtual void OnRequest(const RequestReport& request) = 0;

  // gRPC has sent the answer of a call that ended with OK: so long after the last part
  // of it was computed. Not told of one whose caller had gone.
  virtual void OnSent(std::chrono::nanoseconds respond) = 0;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_LAYER_METRICS_H_
