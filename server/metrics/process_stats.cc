#include "server/metrics/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace convoy::metrics {
namespace {

double Seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

std::optional<ProcessStats> ParseProcessStat(std::string_view stat, double boot_time_seconds) {
  // proc(5): "pid (name) state ppid ..."; the name may hold blanks and brackets.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::istringstream stream{std::string(stat.substr(name_end + 1))};
  char state = 0;
  stream >> state;
  // Fields 4 to 24 of the manual page.
  std::vector<int64_t> fields(21);
  for (int64_t& field : fields) stream >> field;
  if (!stream) return std::nullopt;
  const auto field = [&fields](int number) { return fields[number - 4]; };
  const auto ticks_a_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  ProcessStats stats;
  stats.cpu_seconds = static_cast<double>(field(14) + field(15)) / ticks_a_second;
  stats.threads = field(20);
  stats.start_time_seconds = boot_time_seconds + static_cast<double>(field(22)) / ticks_a_second;
  stats.virtual_bytes = field(23);
  stats.resident_bytes = field(24) * sysconf(_SC_PAGESIZE);
  return stats;
}

Descriptors ReadDescriptors() {
  Descriptors descriptors;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    static_cast<void>(entry);
    ++descriptors.open;
  }
  descriptors.open = std::max<int64_t>(descriptors.open - 1, 0);  // the one that lists them
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    descriptors.limit = static_cast<int64_t>(limit.rlim_cur);
  }
  return descriptors;
}

std::optional<ProcessStats> ReadProcessStats() {
  // Once: the difference of the two clocks moves when the wall clock is set.
  static const double boot_time_seconds = Seconds(CLOCK_REALTIME) - Seconds(CLOCK_BOOTTIME);
  std::ifstream stream("/proc/self/stat");
  std::string line;
  if (!std::getline(stream, line)) return std::nullopt;
  return ParseProcessStat(line, boot_time_seconds);
}

}  // namespace convoy::metrics
