// A folder that is written in, held open.
#ifndef CONVOY_SERVER_REPOSITORY_WRITABLE_FOLDER_H_
#define CONVOY_SERVER_REPOSITORY_WRITABLE_FOLDER_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/repository/byte_source.h"
#include "server/repository/manifest.h"

namespace convoy::repository {

// Tells a folder from whatever has its name later, and from itself when entries have
// come or gone: numbers of inodes are given again at once.
struct FolderStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t changed_nanoseconds = 0;  // since the epoch

  friend bool operator==(const FolderStamp&, const FolderStamp&) = default;
};

// Names are those of entries, never paths, and links are not followed: nothing outside
// the folder is touched, whatever others make of its entries meanwhile.
//
//   NOT_FOUND            no such entry.
//   ALREADY_EXISTS       there is one.
//   FAILED_PRECONDITION  a link or a file where a folder is needed, a file system that
//                        is read-only, or no permission.
//   RESOURCE_EXHAUSTED   the disk or a quota is full.
//   UNAVAILABLE          anything else that the system refuses.
// Every message names the entry.
class WritableFolder {
 public:
  // The path itself may be a link.
  static absl::StatusOr<WritableFolder> Open(const std::filesystem::path& path);

  ~WritableFolder();
  WritableFolder(WritableFolder&& other) noexcept;
  WritableFolder& operator=(WritableFolder&& other) noexcept;

  absl::StatusOr<WritableFolder> OpenFolder(const std::string& name) const;
  absl::StatusOr<WritableFolder> MakeFolder(const std::string& name) const;

  // Writes a new file and waits until it is on the disk.
  absl::StatusOr<FileFacts> WriteFile(const std::string& name, ByteSource& content) const;

  // Waits until its entries are on the disk.
  absl::Status Sync() const;

  // Moves an entry into `to`, which may be this one. Nothing is replaced.
  absl::Status Move(const std::string& name, const WritableFolder& to,
                    const std::string& new_name) const;

  // The names of all entries, in no order.
  absl::StatusOr<std::vector<std::string>> List() const;
  bool Has(const std::string& name) const;

  // Of the folder as it is now.
  absl::StatusOr<FolderStamp> Stamp() const;

  // Removes an entry and, if it is a folder, all that is in it.
  absl::Status Remove(const std::string& name) const;

  int descriptor() const { return descriptor_; }

 private:
  explicit WritableFolder(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;  // -1 once it was moved from
};

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_WRITABLE_FOLDER_H_
