// By what a change of a version's files shows.
#ifndef CONVOY_SERVER_REPOSITORY_VERSION_STAMP_H_
#define CONVOY_SERVER_REPOSITORY_VERSION_STAMP_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace convoy::repository {

struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size = 0;
  int64_t modified_nanoseconds = 0;
  int64_t changed_nanoseconds = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// Of a folder and of all that lies directly in it, links followed: whoever copies a
// version under a name of his own first shows that he is at work. Only equality means
// something: clocks go backwards, and other machines have others.
struct VersionStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  std::vector<std::pair<std::string, FileStamp>> files;  // by name

  friend bool operator==(const VersionStamp&, const VersionStamp&) = default;
};

// What cannot be looked at is as if it were empty.
VersionStamp StampOf(const std::filesystem::path& folder);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_VERSION_STAMP_H_
