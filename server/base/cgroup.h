// What a container may use.
#ifndef CONVOY_SERVER_BASE_CGROUP_H_
#define CONVOY_SERVER_BASE_CGROUP_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace convoy {

// The limits of control groups, versions 1 and 2: the smallest of the groups that a
// process is in and of those around them. Nothing where there is no limit.
class Cgroup {
 public:
  // Of this process.
  static Cgroup OfThisProcess();

  // The groups named by `membership` (the content of /proc/self/cgroup), mounted at
  // `mount` (/sys/fs/cgroup).
  Cgroup(std::filesystem::path mount, std::string_view membership)
      : mount_(std::move(mount)), membership_(membership) {}

  // CPU quota, in cores.
  std::optional<double> QuotaCores() const;

  // Memory limit, in bytes.
  std::optional<int64_t> MemoryBytes() const;

 private:
  const std::filesystem::path mount_;
  const std::string membership_;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_CGROUP_H_
