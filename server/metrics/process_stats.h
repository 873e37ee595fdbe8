// What the system knows about this process.
#ifndef CONVOY_SERVER_METRICS_PROCESS_STATS_H_
#define CONVOY_SERVER_METRICS_PROCESS_STATS_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace convoy::metrics {

struct ProcessStats {
  double cpu_seconds = 0;  // user and system
  int64_t resident_bytes = 0;
  int64_t virtual_bytes = 0;
  int64_t threads = 0;
  double start_time_seconds = 0;  // Unix time
};

// Nothing when /proc cannot be read.
std::optional<ProcessStats> ReadProcessStats();

// File descriptors of this process. The limit is 0 where there is none.
struct Descriptors {
  int64_t open = 0;
  int64_t limit = 0;
};
Descriptors ReadDescriptors();

// `stat` is the content of /proc/<pid>/stat; `boot_time_seconds` the Unix time
// at which the machine started. Nothing when it is not of that form.
std::optional<ProcessStats> ParseProcessStat(std::string_view stat, double boot_time_seconds);

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_PROCESS_STATS_H_
