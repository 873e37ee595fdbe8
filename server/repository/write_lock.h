// Keeps writers of one repository apart, also those of other processes.
#ifndef CONVOY_SERVER_REPOSITORY_WRITE_LOCK_H_
#define CONVOY_SERVER_REPOSITORY_WRITE_LOCK_H_

#include <chrono>

#include "absl/status/statusor.h"
#include "server/repository/writable_folder.h"

namespace convoy::repository {

// Held from its making to its end; the system gives it back when the process ends,
// however that happens. Readers know nothing of it.
class WriteLock {
 public:
  // Waits for other writers until the deadline.
  //   UNAVAILABLE  somebody else has written until then.
  //   and the errors of WritableFolder.
  static absl::StatusOr<WriteLock> Take(const WritableFolder& root,
                                        std::chrono::steady_clock::time_point deadline);

  ~WriteLock();
  WriteLock(WriteLock&& other) noexcept;
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

 private:
  explicit WriteLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;  // of the lock's file; -1 once it was moved from
};

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_WRITE_LOCK_H_
