#include "server/base/cgroup.h"

#include <algorithm>
#include <fstream>
#include <sstream>
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
std::optional<double> CoresOf(const std::string& quota_and_period) {
  std::istringstream stream(quota_and_period);
  double quota = 0;
  double period = 0;
  if (!(stream >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

// Of one group's folder, whichever version's files it has.
std::optional<double> FolderCores(const fs::path& folder) {
  if (const std::optional<double> cores = CoresOf(ReadAll(folder / "cpu.max"))) return cores;
  return CoresOf(ReadAll(folder / "cpu.cfs_quota_us") + " " +
                 ReadAll(folder / "cpu.cfs_period_us"));
}

// "max" is no limit, and so is version 1's way to say that: some 2^63.
std::optional<int64_t> BytesOf(const std::string& text) {
  constexpr int64_t kNoLimit = int64_t{1} << 60;
  std::istringstream stream(text);
  int64_t bytes = 0;
  if (!(stream >> bytes) || bytes <= 0 || bytes >= kNoLimit) return std::nullopt;
  return bytes;
}

std::optional<int64_t> FolderBytes(const fs::path& folder) {
  if (const std::optional<int64_t> bytes = BytesOf(ReadAll(folder / "memory.max"))) return bytes;
  return BytesOf(ReadAll(folder / "memory.limit_in_bytes"));
}

// The folders of the groups in which `controller` limits the process, outermost first.
std::vector<fs::path> Folders(const fs::path& mount, const std::string& membership,
                              const std::string& controller) {
  std::vector<fs::path> folders;
  // Lines are "id:controllers:path"; version 2 has no controllers, version 1
  // mounts each set of them in a folder of its own.
  for (const absl::string_view line : absl::StrSplit(membership, '\n')) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(fields[1], ',');
    const bool has =
        std::find(controllers.begin(), controllers.end(), controller) != controllers.end();
    if (!fields[1].empty() && !has) continue;
    const fs::path root = has ? mount / controller : mount;
    // Inside a container the path may be the host's: what is mounted counts.
    folders.push_back(root);
    fs::path folder = root;
    for (const fs::path& part : fs::path(fields[2]).relative_path()) {
      folders.push_back(folder /= part);
    }
  }
  return folders;
}

template <typename T>
std::optional<T> Smallest(const std::vector<fs::path>& folders,
                          std::optional<T> (*limit_of)(const fs::path&)) {
  std::optional<T> smallest;
  for (const fs::path& folder : folders) {
    const std::optional<T> limit = limit_of(folder);
    if (limit && (!smallest || *limit < *smallest)) smallest = limit;
  }
  return smallest;
}

}  // namespace

Cgroup Cgroup::OfThisProcess() { return Cgroup("/sys/fs/cgroup", ReadAll("/proc/self/cgroup")); }

std::optional<double> Cgroup::QuotaCores() const {
  return Smallest(Folders(mount_, membership_, "cpu"), FolderCores);
}

std::optional<int64_t> Cgroup::MemoryBytes() const {
  return Smallest(Folders(mount_, membership_, "memory"), FolderBytes);
}

}  // namespace convoy
