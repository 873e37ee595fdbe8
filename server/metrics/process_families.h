// The series of the process.
#ifndef CONVOY_SERVER_METRICS_PROCESS_FAMILIES_H_
#define CONVOY_SERVER_METRICS_PROCESS_FAMILIES_H_

#include "server/metrics/families.h"

namespace convoy::metrics {

// Appends what the system knows of this process and of its threads: under the names that
// every Prometheus client library uses where there are such. Nothing when /proc cannot
// be read.
void AddProcessFamilies(Families& families);

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_PROCESS_FAMILIES_H_
