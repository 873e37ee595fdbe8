#include "kernel/base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace convoy {
namespace {

constexpr int kMostNiceness = 19;

// The kernel's struct sched_attr, first version; see sched_setattr(2). Its header
// cannot be included together with the C library's.
struct SchedulingAttributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};

}  // namespace

void SetThreadName(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

void LowerPriority(int niceness) {
  // On Linux 0 is the calling thread, not its process.
  const int now = getpriority(PRIO_PROCESS, 0);
  setpriority(PRIO_PROCESS, 0, std::min(now + niceness, kMostNiceness));
}

bool PreferTurns(std::chrono::microseconds turn) {
  SchedulingAttributes attributes = {};
  attributes.size = sizeof(attributes);
  attributes.policy = SCHED_OTHER;
  attributes.nice = getpriority(PRIO_PROCESS, 0);
  attributes.runtime = std::chrono::nanoseconds(turn).count();
  // The C library has no wrapper.
  return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

}  // namespace convoy
