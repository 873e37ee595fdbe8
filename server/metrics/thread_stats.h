// What the threads of this process do and use.
#ifndef CONVOY_SERVER_METRICS_THREAD_STATS_H_
#define CONVOY_SERVER_METRICS_THREAD_STATS_H_

#include <cstdint>
#include <string_view>

namespace convoy::metrics {

struct RoleStats {
  int64_t threads = 0;
  double cpu_seconds = 0;  // of those that live
};

// Told apart by their names; all others are nobody's here.
struct ThreadStats {
  RoleStats pollers;  // receive and send calls
  RoleStats workers;  // execute batches

  // `stat` is the content of /proc/<pid>/task/<tid>/stat. Ignores what is not of that form.
  void Add(std::string_view stat);
};

// Of this process; empty when /proc cannot be read.
ThreadStats ReadThreadStats();

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_THREAD_STATS_H_
