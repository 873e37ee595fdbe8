#include "server/repository/write_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/repository/folder_watch.h"

namespace convoy::repository {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

absl::Status CannotLock(int error) {
  const std::string message =
      absl::StrCat("cannot lock the repository: ", std::generic_category().message(error));
  if (error == EROFS || error == EACCES || error == EPERM || error == ELOOP) {
    return absl::FailedPreconditionError(message);
  }
  if (error == ENOSPC || error == EDQUOT) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

}  // namespace

absl::StatusOr<WriteLock> WriteLock::Take(const WritableFolder& root,
                                          steady_clock::time_point deadline) {
  const std::string name = absl::StrCat(std::string(kOwnPrefix), "lock");
  const int descriptor = openat(root.descriptor(), name.c_str(),
                                O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
  if (descriptor < 0) return CannotLock(errno);
  WriteLock lock(descriptor);
  // flock cannot wait with a deadline.
  for (milliseconds pause(1);; pause = std::min(2 * pause, milliseconds(20))) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK && errno != EINTR) return CannotLock(errno);
    if (steady_clock::now() >= deadline) {
      return absl::UnavailableError("cannot lock the repository: others write");
    }
    std::this_thread::sleep_for(pause);
  }
}

WriteLock::WriteLock(WriteLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

WriteLock::~WriteLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace convoy::repository
