#include "server/metrics/families.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace convoy::metrics {

prometheus::MetricFamily Family(std::string_view name, std::string_view help,
                                prometheus::MetricType type) {
  return {std::string(name), std::string(help), type, {}};
}

void AppendGauge(prometheus::MetricFamily& family, Shown labels, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
}

void AppendCounter(prometheus::MetricFamily& family, Shown labels, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.counter.value = value;
}

void AppendHistogram(prometheus::MetricFamily& family, Shown labels,
                     const ShardedHistogram& histogram, double scale) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  const std::vector<uint64_t> counts = histogram.CumulativeCounts();
  metric.histogram.bucket.reserve(counts.size());
  for (size_t i = 0; i < counts.size(); ++i) {
    const double bound = i < histogram.bounds().size()
                             ? static_cast<double>(histogram.bounds()[i]) / scale
                             : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({counts[i], bound});
  }
  metric.histogram.sample_count = counts.back();
  metric.histogram.sample_sum = static_cast<double>(histogram.Sum()) / scale;
}

}  // namespace convoy::metrics
