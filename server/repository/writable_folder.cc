#include "server/repository/writable_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/base/sha256.h"
#include "server/base/utf8.h"

namespace convoy::repository {
namespace {

constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return absl::StatusCode::kAlreadyExists;
    case ELOOP:
    case ENOTDIR:
    case EROFS:
    case EACCES:
    case EPERM:
      return absl::StatusCode::kFailedPrecondition;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

// What just failed, by errno.
absl::Status Failed(const char* what, const std::string& name) {
  const int error = errno;
  return absl::Status(CodeOf(error), absl::StrCat("cannot ", what, " ", Printable(name), ": ",
                                                  std::generic_category().message(error)));
}

absl::Status WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::UnavailableError("");  // errno says what
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WritableFolder> WritableFolder::Open(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), kOpenFolder);
  if (descriptor < 0) return Failed("open", path.string());
  return WritableFolder(descriptor);
}

WritableFolder::~WritableFolder() {
  if (descriptor_ >= 0) close(descriptor_);
}

WritableFolder::WritableFolder(WritableFolder&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

WritableFolder& WritableFolder::operator=(WritableFolder&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

absl::StatusOr<WritableFolder> WritableFolder::OpenFolder(const std::string& name) const {
  const int descriptor = openat(descriptor_, name.c_str(), kOpenFolder | O_NOFOLLOW);
  if (descriptor < 0) return Failed("open", name);
  return WritableFolder(descriptor);
}

absl::StatusOr<WritableFolder> WritableFolder::MakeFolder(const std::string& name) const {
  if (mkdirat(descriptor_, name.c_str(), 0777) != 0) return Failed("make", name);
  return OpenFolder(name);
}

absl::StatusOr<FileFacts> WritableFolder::WriteFile(const std::string& name,
                                                    ByteSource& content) const {
  constexpr int64_t kPiece = int64_t{1} << 20;
  const int file =
      openat(descriptor_, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file < 0) return Failed("make", name);
  const auto close_file = absl::MakeCleanup([file] { close(file); });
  Sha256 sum;
  std::string piece;
  for (int64_t left = content.size(); left > 0;) {
    piece.resize(std::min(kPiece, left));
    CONVOY_RETURN_IF_ERROR(content.Read(piece.data(), static_cast<int64_t>(piece.size())));
    sum.Update(piece);
    if (!WriteAll(file, piece).ok()) return Failed("write", name);
    left -= static_cast<int64_t>(piece.size());
  }
  if (fsync(file) != 0) return Failed("sync", name);
  return FileFacts{content.size(), sum.Hex()};
}

absl::Status WritableFolder::Sync() const {
  return fsync(descriptor_) == 0 ? absl::OkStatus() : Failed("sync", "the folder");
}

absl::Status WritableFolder::Move(const std::string& name, const WritableFolder& to,
                                  const std::string& new_name) const {
  if (renameat2(descriptor_, name.c_str(), to.descriptor_, new_name.c_str(), RENAME_NOREPLACE) ==
      0) {
    return absl::OkStatus();
  }
  if (errno != EINVAL && errno != ENOSYS) return Failed("make", new_name);
  // A file system that cannot refuse to replace: NFS, some FUSE. Whoever writes holds the
  // lock, and a folder with something in it is not replaced either way.
  if (to.Has(new_name)) {
    errno = EEXIST;
    return Failed("make", new_name);
  }
  const int moved = renameat(descriptor_, name.c_str(), to.descriptor_, new_name.c_str());
  return moved == 0 ? absl::OkStatus() : Failed("make", new_name);
}

absl::StatusOr<std::vector<std::string>> WritableFolder::List() const {
  struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
  };
  // A descriptor of its own, with a place in the folder of its own.
  const int again = openat(descriptor_, ".", kOpenFolder);
  if (again < 0) return Failed("list", "the folder");
  const std::unique_ptr<DIR, CloseDirectory> directory(fdopendir(again));
  if (directory == nullptr) {
    close(again);
    return Failed("list", "the folder");
  }
  std::vector<std::string> names;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's.
  while (const dirent* const entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

bool WritableFolder::Has(const std::string& name) const {
  struct stat status {};
  return fstatat(descriptor_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

absl::StatusOr<FolderStamp> WritableFolder::Stamp() const {
  struct stat status = {};
  if (fstat(descriptor_, &status) != 0) return Failed("look at", "the folder");
  return FolderStamp{.device = status.st_dev,
                     .inode = status.st_ino,
                     .changed_nanoseconds =
                         int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec};
}

absl::Status WritableFolder::Remove(const std::string& name) const {
  if (unlinkat(descriptor_, name.c_str(), 0) == 0) return absl::OkStatus();
  if (errno != EISDIR && errno != EPERM) return Failed("remove", name);
  CONVOY_ASSIGN_OR_RETURN(const WritableFolder folder, OpenFolder(name));
  CONVOY_ASSIGN_OR_RETURN(const std::vector<std::string> entries, folder.List());
  for (const std::string& entry : entries) CONVOY_RETURN_IF_ERROR(folder.Remove(entry));
  if (unlinkat(descriptor_, name.c_str(), AT_REMOVEDIR) == 0) return absl::OkStatus();
  return Failed("remove", name);
}

}  // namespace convoy::repository
