// How the statistics of layers are shown.
#ifndef CONVOY_CLIENT_TOOL_STATS_REPORT_H_
#define CONVOY_CLIENT_TOOL_STATS_REPORT_H_

#include <ostream>
#include <vector>

#include "absl/time/time.h"
#include "client/metadata.h"

namespace convoy::tool {

using LayerStatistics = std::vector<client::VersionStatistics>;

// What was done between two looks: the counts and times of `now` less those of `before`.
// A version that was not there then, or was loaded anew, is as in `now`.
LayerStatistics Since(const LayerStatistics& before, const LayerStatistics& now);

// One row a version: its requests, and what one of them took on average. Rates are shown
// of `interval`, if that is not zero.
void PrintStatistics(const LayerStatistics& statistics, absl::Duration interval, std::ostream& out);

// One line of JSON: every number as the server tells it, times in nanoseconds.
void PrintStatisticsJson(const LayerStatistics& statistics, std::ostream& out);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_STATS_REPORT_H_
