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

  void Add(const std::string& layer, const LayerInstruments& instruments);
  // `version` is empty for calls that named none that there is.
  void AddVersion(const std::string& layer, const std::string& version,
                  const VersionInstruments& instruments);

  // Appends the families that have series.
  void MoveTo(Families& families) &&;

 private:
  void AddStages(const std::string& layer, const LayerInstruments& instruments);

  prometheus::MetricFamily requests_;
  prometheus::MetricFamily request_duration_;
  prometheus::MetricFamily stages_;
  prometheus::MetricFamily execution_;
  prometheus::MetricFamily input_bytes_;
  prometheus::MetricFamily output_bytes_;
  prometheus::MetricFamily batch_requests_;
  prometheus::MetricFamily batch_parts_;
  prometheus::MetricFamily batch_sequences_;
  prometheus::MetricFamily batch_duration_;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_LAYER_FAMILIES_H_
