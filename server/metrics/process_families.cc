#include "server/metrics/process_families.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "server/metrics/process_stats.h"
#include "server/metrics/thread_stats.h"

namespace convoy::metrics {
namespace {

constexpr auto kCounter = prometheus::MetricType::Counter;
constexpr auto kGauge = prometheus::MetricType::Gauge;

// A count must not go down, and the clocks are not read at one instant.
double NotLessThanBefore(double seconds) {
  static std::atomic<double> most{0};
  double before = most.load();
  while (before < seconds && !most.compare_exchange_weak(before, seconds)) {
  }
  return std::max(before, seconds);
}

void AddThreads(const ProcessStats& process, Families& families) {
  const ThreadStats stats = ReadThreadStats();
  prometheus::MetricFamily threads = Family("convoy_threads", "Threads, by what they do.", kGauge);
  prometheus::MetricFamily cpu =
      Family("convoy_thread_cpu_seconds_total", "CPU time of threads, by what they do.", kCounter);
  double others_seconds = process.cpu_seconds;
  int64_t others = process.threads;
  const auto add = [&](const char* role, const RoleStats& its) {
    AppendGauge(threads, {{"role", role}}, static_cast<double>(its.threads));
    AppendCounter(cpu, {{"role", role}}, its.cpu_seconds);
    others_seconds -= its.cpu_seconds;
    others -= its.threads;
  };
  add("poller", stats.pollers);
  add("worker", stats.workers);
  // What is left of the process, threads that ended included.
  AppendGauge(threads, {{"role", "other"}}, static_cast<double>(std::max<int64_t>(others, 0)));
  AppendCounter(cpu, {{"role", "other"}}, NotLessThanBefore(others_seconds));
  families.push_back(std::move(threads));
  families.push_back(std::move(cpu));
}

}  // namespace

void AddProcessFamilies(Families& families) {
  const std::optional<ProcessStats> stats = ReadProcessStats();
  if (!stats) return;
  const auto gauge = [&families](std::string_view name, std::string_view help, double value) {
    families.push_back(Family(name, help, kGauge));
    AppendGauge(families.back(), {}, value);
  };
  families.push_back(
      Family("process_cpu_seconds_total", "User and system CPU time of the process.", kCounter));
  AppendCounter(families.back(), {}, stats->cpu_seconds);
  gauge("process_resident_memory_bytes", "Resident memory of the process.",
        static_cast<double>(stats->resident_bytes));
  gauge("process_virtual_memory_bytes", "Virtual memory of the process.",
        static_cast<double>(stats->virtual_bytes));
  gauge("process_threads", "Threads of the process.", static_cast<double>(stats->threads));
  gauge("process_start_time_seconds", "When the process started, Unix time.",
        stats->start_time_seconds);
  const Descriptors descriptors = ReadDescriptors();
  gauge("process_open_fds", "File descriptors that are open.",
        static_cast<double>(descriptors.open));
  gauge("process_max_fds", "File descriptors that may be open.",
        static_cast<double>(descriptors.limit));
  AddThreads(*stats, families);
}

}  // namespace convoy::metrics
