// Weights files that callers have sent ahead.
#ifndef CONVOY_SERVER_MANAGEMENT_UPLOAD_STORE_H_
#define CONVOY_SERVER_MANAGEMENT_UPLOAD_STORE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "server/management/weights_source.h"

namespace convoy::management {

class Upload;

// Keeps files in memory by their SHA-256 for a while. What is kept and what is on its way,
// by the size that was announced, is bounded together.
//
// Thread-safe. Must outlive its uploads.
class UploadStore {
 public:
  using Clock = std::chrono::steady_clock;

  // From the last byte, or between two pieces of one that is on its way.
  static constexpr std::chrono::minutes kKept{10};

  // `now` is the time, for tests.
  explicit UploadStore(int64_t max_bytes, std::function<Clock::time_point()> now = Clock::now)
      : max_bytes_(max_bytes), now_(std::move(now)) {}

  //   INVALID_ARGUMENT    not a size.
  //   RESOURCE_EXHAUSTED  it does not fit, ever or now; says which.
  absl::StatusOr<std::unique_ptr<Upload>> Begin(int64_t size);

  //   FAILED_PRECONDITION  no such file is kept.
  absl::StatusOr<FileBytes> Find(const std::string& sha256);

  // Lets go of what was kept long enough. Begin does so too.
  void Expire();

  int64_t max_bytes() const { return max_bytes_; }
  // What is kept and announced.
  int64_t held_bytes() const;

 private:
  friend class Upload;
  struct Arriving;
  struct Kept {
    FileBytes bytes;
    Clock::time_point until;
  };

  void Keep(const std::string& sha256, FileBytes bytes);
  void Release(int64_t bytes);
  void ExpireLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether nothing more comes of it; ends it when its time is up.
  bool IsOver(const std::weak_ptr<Arriving>& weak, Clock::time_point now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int64_t max_bytes_;
  const std::function<Clock::time_point()> now_;

  mutable Mutex mutex_;
  int64_t held_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Kept> kept_ ABSL_GUARDED_BY(mutex_);
  std::list<std::weak_ptr<Arriving>> arriving_ ABSL_GUARDED_BY(mutex_);
};

// A file on its way. Gives back its place when it is destroyed before its end.
//
// For one thread at a time.
class Upload {
 public:
  ~Upload();
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  //   INVALID_ARGUMENT  more bytes than were announced.
  //   ABORTED           nothing came for too long.
  absl::Status Append(std::string_view piece);

  // As it was announced.
  int64_t size() const;

  // Keeps the file and returns its SHA-256. `expected` is what it must be; empty: anything.
  //   INVALID_ARGUMENT  fewer bytes than were announced, or others.
  //   ABORTED           nothing came for too long.
  // REQUIRES: called once, last.
  absl::StatusOr<std::string> Finish(const std::string& expected);

 private:
  friend class UploadStore;
  Upload(UploadStore& store, std::shared_ptr<UploadStore::Arriving> file);

  UploadStore& store_;
  const std::shared_ptr<UploadStore::Arriving> file_;
};

}  // namespace convoy::management

#endif  // CONVOY_SERVER_MANAGEMENT_UPLOAD_STORE_H_
