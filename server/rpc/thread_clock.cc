#include "server/rpc/thread_clock.h"

#include <time.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace convoy::rpc {

std::chrono::nanoseconds ThreadCpu(pid_t id) {
  // The kernel's number of a thread's clock, as pthread_getcpuclockid makes it
  // (linux: include/linux/posix-timers.h, CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED).
  const clockid_t clock = static_cast<clockid_t>(~static_cast<unsigned>(id) << 3 | 6);
  timespec used = {};
  if (clock_gettime(clock, &used) != 0) return std::chrono::nanoseconds(0);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::vector<pid_t> ThreadsNamed(const std::string& prefix) {
  std::vector<pid_t> threads;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::string name;
    std::getline(std::ifstream(entry.path() / "comm"), name);
    if (name.rfind(prefix, 0) == 0) {
      threads.push_back(static_cast<pid_t>(std::atoi(entry.path().filename().c_str())));
    }
  }
  return threads;
}

}  // namespace convoy::rpc
