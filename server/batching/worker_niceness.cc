#include "server/batching/worker_niceness.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace convoy::batching {
namespace {

constexpr int kMostNiceness = 19;

// The process' effective capabilities have CAP_SYS_NICE. The C library has no wrapper.
bool HasCapability() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data = {};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  return (data[0].effective & (1U << CAP_SYS_NICE)) != 0;
}

// The least niceness that the process may take on without privileges (getrlimit(2)).
int LeastAllowed() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NICE, &limit) != 0) return kMostNiceness + 1;
  if (limit.rlim_cur == RLIM_INFINITY) return -20;
  return 20 - static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 40));
}

// On Linux the "process" is a thread.
void SetThread(pid_t thread, int niceness) {
  setpriority(PRIO_PROCESS, static_cast<id_t>(thread), std::min(niceness, kMostNiceness));
}

}  // namespace

void WorkerNiceness::Join() {
  MutexLock lock(mutex_);
  const auto thread = static_cast<pid_t>(syscall(SYS_gettid));
  const Member member{thread, getpriority(PRIO_PROCESS, 0)};
  members_.push_back(member);
  if (niceness_ != 0) SetThread(thread, member.own + niceness_);
}

void WorkerNiceness::Set(int niceness) {
  MutexLock lock(mutex_);
  niceness_ = niceness;
  for (const Member& member : members_) SetThread(member.thread, member.own + niceness);
}

bool WorkerNiceness::MayBecome(int niceness) const {
  MutexLock lock(mutex_);
  if (niceness >= niceness_ || HasCapability()) return true;
  const int least = LeastAllowed();
  return std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
    return std::min(member.own + niceness, kMostNiceness) >= least;
  });
}

}  // namespace convoy::batching
