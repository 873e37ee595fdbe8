#include "server/base/available_cores.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

#include "server/base/cgroup.h"

namespace convoy {
namespace {

int AffinityCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

int AvailableCores() {
  const int cores = std::max(AffinityCores(), 1);
  const std::optional<double> quota = Cgroup::OfThisProcess().QuotaCores();
  if (!quota || *quota >= cores) return cores;
  return std::max(static_cast<int>(std::ceil(*quota)), 1);
}

}  // namespace convoy
