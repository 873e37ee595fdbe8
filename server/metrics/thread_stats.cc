#include "server/metrics/thread_stats.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

#include "server/metrics/process_stats.h"

namespace convoy::metrics {
namespace {

// As Lane and Scheduler name them.
constexpr char kPoller[] = "convoy-poll-";
constexpr char kWorker[] = "worker-";

}  // namespace

void ThreadStats::Add(std::string_view stat) {
  const size_t begin = stat.find('(');
  const size_t end = stat.rfind(')');
  // A thread has the fields of a process.
  const std::optional<ProcessStats> fields = ParseProcessStat(stat, 0);
  if (begin == std::string_view::npos || end < begin || !fields) return;
  const std::string_view name = stat.substr(begin + 1, end - begin - 1);
  RoleStats* const role = name.starts_with(kPoller)   ? &pollers
                          : name.starts_with(kWorker) ? &workers
                                                      : nullptr;
  if (role == nullptr) return;
  ++role->threads;
  role->cpu_seconds += fields->cpu_seconds;
}

ThreadStats ReadThreadStats() {
  ThreadStats stats;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::ifstream stream(entry.path() / "stat");
    std::string line;
    if (std::getline(stream, line)) stats.Add(line);
  }
  return stats;
}

}  // namespace convoy::metrics
