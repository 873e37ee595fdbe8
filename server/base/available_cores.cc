#include "server/base/available_cores.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"

namespace convoy {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream stream(path);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Cores granted by a quota and a period in microseconds; "max" and -1 grant all.
std::optional<double> QuotaCores(const std::string& quota_and_period) {
  std::istringstream stream(quota_and_period);
  double quota = 0;
  double period = 0;
  if (!(stream >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

// Of one group's folder, whichever version's files it has.
std::optional<double> FolderQuota(const fs::path& folder) {
  if (const std::optional<double> cores = QuotaCores(ReadAll(folder / "cpu.max"))) return cores;
  return QuotaCores(ReadAll(folder / "cpu.cfs_quota_us") + " " +
                    ReadAll(folder / "cpu.cfs_period_us"));
}

int AffinityCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

std::optional<double> CgroupQuotaCores(const fs::path& mount, std::string_view membership) {
  std::optional<double> smallest;
  const auto look_at = [&smallest](const fs::path& folder) {
    const std::optional<double> cores = FolderQuota(folder);
    if (cores && (!smallest || *cores < *smallest)) smallest = cores;
  };
  // Lines are "id:controllers:path"; version 2 has no controllers, version 1
  // mounts each set of them in a folder of its own.
  for (const absl::string_view line :
       absl::StrSplit(absl::string_view(membership.data(), membership.size()), '\n')) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(fields[1], ',');
    const bool has_cpu =
        std::find(controllers.begin(), controllers.end(), "cpu") != controllers.end();
    if (!fields[1].empty() && !has_cpu) continue;
    const fs::path root = has_cpu ? mount / "cpu" : mount;
    // Inside a container the path may be the host's: what is mounted counts.
    look_at(root);
    fs::path folder = root;
    for (const fs::path& part : fs::path(fields[2]).relative_path()) look_at(folder /= part);
  }
  return smallest;
}

int AvailableCores() {
  const int cores = std::max(AffinityCores(), 1);
  const std::optional<double> quota =
      CgroupQuotaCores("/sys/fs/cgroup", ReadAll("/proc/self/cgroup"));
  if (!quota || *quota >= cores) return cores;
  return std::max(static_cast<int>(std::ceil(*quota)), 1);
}

}  // namespace convoy
