#include "server/repository/file_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"

namespace convoy::repository {
namespace {

std::string ErrorText(int error) { return std::generic_category().message(error); }

absl::Status NotThere(const std::filesystem::path& path) {
  struct stat link {};
  if (lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode)) {
    return absl::InvalidArgumentError("no such file: the link leads nowhere");
  }
  return absl::NotFoundError("no such file");
}

absl::Status CannotOpen(const std::filesystem::path& path, int error) {
  if (error == ENOENT) return NotThere(path);
  if (error == ENOTDIR) return absl::NotFoundError("no such file");
  if (error == ELOOP) return absl::InvalidArgumentError("a loop of links");
  if (error == ENXIO || error == ENODEV) return absl::InvalidArgumentError("not a regular file");
  return absl::UnavailableError(absl::StrCat("the file cannot be opened: ", ErrorText(error)));
}

}  // namespace

FileSource::FileSource(int descriptor, int64_t size, std::stop_token stop)
    : descriptor_(descriptor), size_(size), stop_(std::move(stop)) {}

FileSource::FileSource(FileSource&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      stop_(std::move(other.stop_)),
      sum_(std::move(other.sum_)) {}

FileSource::~FileSource() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<FileSource> FileSource::Open(const std::filesystem::path& path,
                                            std::stop_token stop) {
  // Looked at before it is opened, because opening a device may do something, and
  // after, because another file may lie there by then.
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return CannotOpen(path, errno);
  if (!S_ISREG(status.st_mode)) return absl::InvalidArgumentError("not a regular file");
  // A pipe would wait for its writer.
  const int descriptor = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) return CannotOpen(path, errno);
  FileSource file(descriptor, 0, std::move(stop));
  if (fstat(descriptor, &status) != 0) return CannotOpen(path, errno);
  if (!S_ISREG(status.st_mode)) return absl::InvalidArgumentError("not a regular file");
  file.size_ = status.st_size;
  return file;
}

absl::Status FileSource::Read(char* to, int64_t bytes) {
  // So long that a stop is noticed soon.
  constexpr int64_t kPiece = int64_t{4} << 20;
  int64_t done = 0;
  while (done < bytes) {
    if (stop_.stop_requested()) return absl::CancelledError("reading was stopped");
    const ssize_t got = read(descriptor_, to + done, std::min(kPiece, bytes - done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return absl::UnavailableError(absl::StrCat("reading failed: ", ErrorText(errno)));
    }
    if (got == 0) {
      return absl::UnavailableError(
          absl::StrCat("reading failed: expected ", bytes, " bytes, got ", done));
    }
    sum_.Update(std::string_view(to + done, got));
    done += got;
  }
  return absl::OkStatus();
}

absl::StatusOr<TextFile> ReadTextFile(const std::filesystem::path& path, int64_t most,
                                      std::stop_token stop) {
  CONVOY_ASSIGN_OR_RETURN(FileSource file, FileSource::Open(path, std::move(stop)));
  if (file.size() > most) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected at most ", most, " bytes, got ", file.size()));
  }
  std::string text(file.size(), '\0');
  CONVOY_RETURN_IF_ERROR(file.Read(text.data(), file.size()));
  return TextFile{std::move(text), file.Checksum()};
}

}  // namespace convoy::repository
