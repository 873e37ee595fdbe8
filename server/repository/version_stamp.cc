#include "server/repository/version_stamp.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace convoy::repository {
namespace {

// Whoever puts more files into a version's folder is not watched file by file.
constexpr size_t kMostFiles = 64;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileStamp FileStampOf(const struct stat& status) {
  return {status.st_dev, status.st_ino, status.st_size, Nanoseconds(status.st_mtim),
          Nanoseconds(status.st_ctim)};
}

}  // namespace

VersionStamp StampOf(const std::filesystem::path& folder) {
  VersionStamp stamp;
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(folder.c_str()));
  if (directory == nullptr) return stamp;
  const int descriptor = dirfd(directory.get());
  struct stat status {};
  if (fstat(descriptor, &status) == 0) {
    stamp.device = status.st_dev;
    stamp.inode = status.st_ino;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's.
  while (const dirent* const entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || stamp.files.size() == kMostFiles) continue;
    const bool there = fstatat(descriptor, entry->d_name, &status, 0) == 0;
    stamp.files.emplace_back(name, there ? FileStampOf(status) : FileStamp());
  }
  std::sort(stamp.files.begin(), stamp.files.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return stamp;
}

}  // namespace convoy::repository
