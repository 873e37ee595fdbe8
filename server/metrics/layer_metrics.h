// What the server tells about one layer's work.
#ifndef CONVOY_SERVER_METRICS_LAYER_METRICS_H_
#define CONVOY_SERVER_METRICS_LAYER_METRICS_H_

#include "server/batching/batch_report.h"
#include "server/metrics/request_report.h"

namespace convoy::metrics {

// The instruments of one layer. Thread-safe.
class LayerMetrics : public batching::BatchObserver {
 public:
  // One ModelInfer call ended.
  virtual void OnRequest(const RequestReport& request) = 0;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_LAYER_METRICS_H_
