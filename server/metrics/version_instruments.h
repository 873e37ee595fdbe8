// What is counted for one version of a layer.
#ifndef CONVOY_SERVER_METRICS_VERSION_INSTRUMENTS_H_
#define CONVOY_SERVER_METRICS_VERSION_INSTRUMENTS_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "server/metrics/layer_instruments.h"
#include "server/metrics/layer_metrics.h"
#include "server/metrics/sharded_counters.h"

namespace convoy::metrics {

// Counts calls by status, and has the layer's instruments measure everything else: a
// histogram for each version would be many series that nobody looks at.
//
// Thread-safe, as those.
class VersionInstruments final : public LayerMetrics {
 public:
  explicit VersionInstruments(std::shared_ptr<LayerInstruments> layer) : layer_(std::move(layer)) {}

  void OnRequest(const RequestReport& request) override {
    requests_.Add(StatusCodeIndex(request.code), 1);
    layer_->OnRequest(request);
  }
  void OnSent(std::chrono::nanoseconds respond) override { layer_->OnSent(respond); }
  void OnBacklog(const batching::LayerBacklog& backlog) override { layer_->OnBacklog(backlog); }
  void OnBatch(const batching::BatchReport& batch) override { layer_->OnBatch(batch); }

  uint64_t Requests(absl::StatusCode code) const { return requests_.Total(StatusCodeIndex(code)); }

 private:
  const std::shared_ptr<LayerInstruments> layer_;
  ShardedCounters<kStatusCodes> requests_;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_VERSION_INSTRUMENTS_H_
