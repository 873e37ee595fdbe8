// Metrics as prometheus-cpp writes them.
#ifndef CONVOY_SERVER_METRICS_FAMILIES_H_
#define CONVOY_SERVER_METRICS_FAMILIES_H_

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <string_view>
#include <vector>

#include "server/metrics/sharded_histogram.h"

namespace convoy::metrics {

using Families = std::vector<prometheus::MetricFamily>;
using Shown = std::vector<prometheus::ClientMetric::Label>;  // labels and their values

inline constexpr double kNanosecondsPerSecond = 1e9;

// Without a metric.
prometheus::MetricFamily Family(std::string_view name, std::string_view help,
                                prometheus::MetricType type);

void AppendGauge(prometheus::MetricFamily& family, Shown labels, double value);
void AppendCounter(prometheus::MetricFamily& family, Shown labels, double value);

// `scale` of the histogram's units make one of the family's.
void AppendHistogram(prometheus::MetricFamily& family, Shown labels,
                     const ShardedHistogram& histogram, double scale);

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_FAMILIES_H_
