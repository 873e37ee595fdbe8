#include "server/rpc/half_close.h"

#include <dlfcn.h>
#include <sys/socket.h>

#include <unordered_map>

#include "kernel/base/mutex.h"

namespace convoy::rpc {
namespace {

// By descriptor. Lives as long as the process, as gRPC's threads may.
struct Standing {
  Mutex mutex;
  std::unordered_map<int, HalfClose*> all ABSL_GUARDED_BY(mutex);
};

Standing& TheStanding() {
  static Standing& standing = *new Standing;
  return standing;
}

}  // namespace

HalfClose::HalfClose(int fd) : fd_(fd) {
  Standing& standing = TheStanding();
  MutexLock lock(standing.mutex);
  standing.all[fd] = this;
}

HalfClose::~HalfClose() {
  Standing& standing = TheStanding();
  MutexLock lock(standing.mutex);
  const auto found = standing.all.find(fd_);
  if (found != standing.all.end() && found->second == this) standing.all.erase(found);
}

bool HalfClose::Take(int fd) {
  Standing& standing = TheStanding();
  MutexLock lock(standing.mutex);
  const auto found = standing.all.find(fd);
  if (found == standing.all.end()) return false;
  found->second->done_.store(true, std::memory_order_release);
  standing.all.erase(found);
  return true;
}

}  // namespace convoy::rpc

// The program's, for all its libraries.
extern "C" __attribute__((visibility("default"))) int shutdown(int fd, int how) noexcept {
  using Shutdown = int (*)(int, int);
  static const auto system = reinterpret_cast<Shutdown>(dlsym(RTLD_NEXT, "shutdown"));
  const bool half = how == SHUT_RDWR && convoy::rpc::HalfClose::Take(fd);
  return system(fd, half ? SHUT_WR : how);
}
