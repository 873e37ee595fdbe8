#include "server/memory_bound.h"

#include <unistd.h>

#include <algorithm>

#include "server/base/cgroup.h"

namespace convoy {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;

// Program, libraries, threads and their scratch; and what floods before it is noticed,
// with what the heap loses.
constexpr int64_t kProgramBytes = 64 * kMebibyte;
constexpr int64_t kSlackBytes = 64 * kMebibyte;
constexpr int64_t kConnectionBytes = kMebibyte / 10;

}  // namespace

int64_t MemoryLimit() {
  const int64_t machine = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  return std::min(Cgroup::OfThisProcess().MemoryBytes().value_or(machine), machine);
}

int64_t MemoryBound(const ServerOptions& options, int64_t weight_bytes, int64_t memory_limit) {
  const int64_t loaded = kProgramBytes + weight_bytes + options.primitive_cache_bytes;
  const int64_t received =
      options.grpc.max_received_bytes + options.grpc.pollers * options.grpc.max_message_bytes +
      options.grpc.connections.max_connections * kConnectionBytes + options.max_upload_bytes;
  const int64_t computed = options.scheduler.max_queue_bytes + options.scheduler.max_run_bytes +
                           options.scheduler.max_unread_bytes;
  return std::min(loaded + received + computed + kSlackBytes, memory_limit / 10 * 9);
}

}  // namespace convoy
