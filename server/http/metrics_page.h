// What Prometheus reads.
#ifndef CONVOY_SERVER_HTTP_METRICS_PAGE_H_
#define CONVOY_SERVER_HTTP_METRICS_PAGE_H_

#include "server/http/router.h"
#include "server/metrics/metrics.h"

namespace convoy::http {

// Adds "/metrics". `metrics` must outlive the router.
void AddMetricsPage(const metrics::Metrics& metrics, Router& router);

}  // namespace convoy::http

#endif  // CONVOY_SERVER_HTTP_METRICS_PAGE_H_
