#include "server/management/upload_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/sha256.h"

namespace convoy::management {

// Locked after the store where both are.
struct UploadStore::Arriving {
  explicit Arriving(int64_t size) : announced(size) {}

  const int64_t announced;

  Mutex mutex;
  std::string bytes ABSL_GUARDED_BY(mutex);
  Sha256 sum ABSL_GUARDED_BY(mutex);
  Clock::time_point touched ABSL_GUARDED_BY(mutex);
  // Its place is somebody else's: it was kept, or given up.
  bool over ABSL_GUARDED_BY(mutex) = false;
};

namespace {

absl::Status TooLate() {
  return absl::AbortedError(
      absl::StrCat("nothing came for ", UploadStore::kKept.count(), " minutes: send it again"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Upload>> UploadStore::Begin(int64_t size) {
  if (size < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("info.size_bytes: expected at least 0, got ", size));
  }
  if (size > max_bytes_) {
    return absl::ResourceExhaustedError(absl::StrCat("info.size_bytes: at most ", max_bytes_,
                                                     " bytes are taken (--max-upload-bytes), got ",
                                                     size));
  }
  auto file = std::make_shared<Arriving>(size);
  {
    const MutexLock lock(mutex_);
    ExpireLocked();
    if (held_bytes_ + size > max_bytes_) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "info.size_bytes: ", size, " bytes do not fit beside the ", held_bytes_, " of ",
          max_bytes_, " (--max-upload-bytes) that other uploads hold; they go after ",
          kKept.count(), " minutes"));
    }
    held_bytes_ += size;
    arriving_.push_back(file);
  }
  {
    const MutexLock lock(file->mutex);
    file->touched = now_();
  }
  return std::unique_ptr<Upload>(new Upload(*this, std::move(file)));
}

absl::StatusOr<FileBytes> UploadStore::Find(const std::string& sha256) {
  const MutexLock lock(mutex_);
  const auto found = kept_.find(sha256);
  if (found != kept_.end() && now_() < found->second.until) return found->second.bytes;
  return absl::FailedPreconditionError(
      absl::StrCat("weights.uploaded_sha256: nothing with this SHA-256 was uploaded in the last ",
                   kKept.count(), " minutes; upload it again"));
}

void UploadStore::Expire() {
  const MutexLock lock(mutex_);
  ExpireLocked();
}

void UploadStore::ExpireLocked() {
  const Clock::time_point now = now_();
  std::erase_if(kept_, [&](const auto& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (now < entry.second.until) return false;
    held_bytes_ -= static_cast<int64_t>(entry.second.bytes->size());
    return true;
  });
  arriving_.remove_if([&](const std::weak_ptr<Arriving>& weak)
                          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return IsOver(weak, now); });
}

bool UploadStore::IsOver(const std::weak_ptr<Arriving>& weak, Clock::time_point now) {
  const std::shared_ptr<Arriving> file = weak.lock();
  if (file == nullptr) return true;
  const MutexLock lock(file->mutex);
  if (file->over) return true;
  if (file->touched + kKept > now) return false;
  file->over = true;
  std::string().swap(file->bytes);
  held_bytes_ -= file->announced;
  return true;
}

int64_t UploadStore::held_bytes() const {
  const MutexLock lock(mutex_);
  return held_bytes_;
}

void UploadStore::Keep(const std::string& sha256, FileBytes bytes) {
  const MutexLock lock(mutex_);
  Kept& kept = kept_[sha256];
  // The same file once more takes its place once.
  if (kept.bytes != nullptr) held_bytes_ -= static_cast<int64_t>(bytes->size());
  kept = {std::move(bytes), now_() + kKept};
}

void UploadStore::Release(int64_t bytes) {
  const MutexLock lock(mutex_);
  held_bytes_ -= bytes;
}

Upload::Upload(UploadStore& store, std::shared_ptr<UploadStore::Arriving> file)
    : store_(store), file_(std::move(file)) {}

Upload::~Upload() {
  {
    const MutexLock lock(file_->mutex);
    if (std::exchange(file_->over, true)) return;
  }
  store_.Release(file_->announced);
}

int64_t Upload::size() const { return file_->announced; }

absl::Status Upload::Append(std::string_view piece) {
  const MutexLock lock(file_->mutex);
  if (file_->over) return TooLate();
  if (file_->bytes.size() + piece.size() > static_cast<size_t>(file_->announced)) {
    return absl::InvalidArgumentError(absl::StrCat("piece: ", file_->bytes.size() + piece.size(),
                                                   " bytes have come, info.size_bytes is ",
                                                   file_->announced));
  }
  if (file_->bytes.empty()) file_->bytes.reserve(file_->announced);
  file_->bytes.append(piece);
  file_->sum.Update(piece);
  file_->touched = store_.now_();
  return absl::OkStatus();
}

absl::StatusOr<std::string> Upload::Finish(const std::string& expected) {
  std::string sha256;
  FileBytes bytes;
  {
    const MutexLock lock(file_->mutex);
    if (file_->over) return TooLate();
    if (file_->bytes.size() != static_cast<size_t>(file_->announced)) {
      return absl::InvalidArgumentError(absl::StrCat("piece: expected ", file_->announced,
                                                     " bytes as info.size_bytes says, got ",
                                                     file_->bytes.size()));
    }
    sha256 = file_->sum.Hex();
    if (!expected.empty() && sha256 != expected) {
      return absl::InvalidArgumentError(
          absl::StrCat("info.sha256: the SHA-256 of all pieces is ", sha256));
    }
    file_->over = true;
    bytes = std::make_shared<const std::string>(std::move(file_->bytes));
  }
  store_.Keep(sha256, std::move(bytes));
  return sha256;
}

}  // namespace convoy::management
