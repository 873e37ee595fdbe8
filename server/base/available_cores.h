// How many cores this process may use.
#ifndef CONVOY_SERVER_BASE_AVAILABLE_CORES_H_
#define CONVOY_SERVER_BASE_AVAILABLE_CORES_H_

#include <filesystem>
#include <optional>
#include <string_view>

namespace convoy {

// The cores of the affinity mask, or fewer where a control group's CPU quota
// (a container's limit) grants less; part of a core counts as one. At least 1.
int AvailableCores();

// The smallest quota, in cores, of the control groups named by `membership`
// (the content of /proc/self/cgroup) and of those around them, mounted at
// `mount` (/sys/fs/cgroup). Versions 1 and 2. Nothing when there is no quota.
std::optional<double> CgroupQuotaCores(const std::filesystem::path& mount,
                                       std::string_view membership);

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_AVAILABLE_CORES_H_
