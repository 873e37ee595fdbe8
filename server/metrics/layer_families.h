// The series of the layers.
#ifndef CONVOY_SERVER_METRICS_LAYER_FAMILIES_H_
#define CONVOY_SERVER_METRICS_LAYER_FAMILIES_H_

#include <string>

#include "server/metrics/families.h"
#include "server/metrics/layer_instruments.h"
#include "server/metrics/version_instruments.h"

namespace convoy::metrics {

// Collects them, layer by layer, in one family a metric.
//
// For one scrape and one thread.
class LayerFamilies {
 public:
  LayerFamilies();

  // Takes the layer's backlog.
  void Add(const std::string& layer, LayerInstruments& instruments);
  // `version` is empty for calls that named none that there is.
  void AddVersion(const std::string& layer, const std::string& version,
                  const VersionInstruments& instruments);

  // Appends the families that have series.
  void MoveTo(Families& families) &&;

 private:
  void AddStages(const std::string& layer, const LayerInstruments& instruments);
  void AddBatches(const std::string& layer, const LayerInstruments& instruments);
  void AddBacklog(const std::string& layer, const batching::LayerBacklog& backlog);

  prometheus::MetricFamily requests_;
  prometheus::MetricFamily request_duration_;
  prometheus::MetricFamily stages_;
  prometheus::MetricFamily execution_;
  prometheus::MetricFamily input_bytes_;
  prometheus::MetricFamily output_bytes_;
  prometheus::MetricFamily batch_requests_;
  prometheus::MetricFamily batch_parts_;
  prometheus::MetricFamily batch_sequences_;
  prometheus::MetricFamily batch_frames_;
  prometheus::MetricFamily wasted_frames_;
  prometheus::MetricFamily batch_duration_;
  prometheus::MetricFamily multiply_accumulates_;
  prometheus::MetricFamily engine_parts_;
  prometheus::MetricFamily backlog_requests_;
  prometheus::MetricFamily backlog_bytes_;
  prometheus::MetricFamily backlog_seconds_;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_LAYER_FAMILIES_H_
