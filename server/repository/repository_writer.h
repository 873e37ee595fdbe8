// Writes versions of layers so that no crash leaves half of one.
#ifndef CONVOY_SERVER_REPOSITORY_REPOSITORY_WRITER_H_
#define CONVOY_SERVER_REPOSITORY_REPOSITORY_WRITER_H_

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/repository/byte_source.h"
#include "server/repository/version_folder.h"
#include "server/repository/writable_folder.h"

namespace convoy::repository {

// A file of a version that is to be written.
struct NewFile {
  std::string name;  // of version_files.h, but for the manifest
  ByteSource& content;
};

// A version that was written, and which of those that ever have its number.
struct WrittenVersion {
  int64_t number = 0;
  FolderStamp stamp;  // of its folder
};

// What must be true for a write to happen.
struct WriteCondition {
  // The highest version on disk, whether it can be read or not; 0: there is no such
  // layer. Nothing: whatever there is.
  std::optional<int64_t> newest;
  // To wait for other writers.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

// A version is made under a name that readers ignore, with a manifest of its
// checksums, read back, synced, renamed, and its parent synced: after a crash at any
// instant it is there whole or not at all. A version with a manifest is the server's
// own; others are people's, and never deleted unless that is asked for.
//
// Writers, in one process or many, are kept apart by a lock held for each write.
// Links are not followed, but for the repository's own path.
//
// Thread-safe. Errors are those of WritableFolder and WriteLock, and
//   INVALID_ARGUMENT  the name is none that can be written (CheckNewLayerName).
//   ABORTED           `newest` is another one.
//   ALREADY_EXISTS    `newest` is 0 and there is such a layer.
class RepositoryWriter {
 public:
  // Called with the name of each step after it; tests end the process there.
  using OnStep = std::function<void(const char* step)>;

  explicit RepositoryWriter(std::filesystem::path root, OnStep on_step = nullptr);

  // Writes a version one above the highest, and the layer if there is none. Once it returns OK the
  // version is on the disk.
  //   INVALID_ARGUMENT  and others of ReadVersionFolder: the files are no version.
  absl::StatusOr<WrittenVersion> CreateVersion(const std::string& layer,
                                               const std::vector<NewFile>& files,
                                               const WriteCondition& condition = {});

  // Writes the content of `version` as a new one.
  //   NOT_FOUND  there is no such version.
  //   ABORTED    also when its files changed meanwhile.
  //   and others of ReadVersionFolder: it cannot be read.
  absl::StatusOr<WrittenVersion> Rollback(const std::string& layer, int64_t version,
                                          const WriteCondition& condition = {});

  // Takes back a version that CreateVersion or Rollback wrote.
  //   NOT_FOUND  somebody else did; one that has its number now is another.
  absl::Status Withdraw(const std::string& layer, const WrittenVersion& version);

  // Deletes a layer.
  //   NOT_FOUND            there is none.
  //   FAILED_PRECONDITION  it has something that is not the server's own, and
  //                        `with_foreign` is false; lists it.
  absl::Status Delete(const std::string& layer, bool with_foreign,
                      const WriteCondition& condition = {});
  // What Delete would answer; deletes nothing.
  absl::Status CheckDelete(const std::string& layer, bool with_foreign,
                           const WriteCondition& condition = {}) const;

  // Deletes the server's own versions of the layer but for the newest `keep`.
  absl::Status Prune(const std::string& layer, int64_t keep);

  // Removes what writers left that were ended in the middle.
  absl::Status CleanUp();

 private:
  // The repository, locked.
  struct Session;

  static absl::Status CheckDelete(const Session& session, const std::string& layer,
                                  bool with_foreign, const WriteCondition& condition);
  absl::StatusOr<Session> Begin(std::chrono::steady_clock::time_point deadline) const;
  // `copy_of`, which may be null, are the checksums that the files must have.
  absl::StatusOr<WrittenVersion> Write(const Session& session, const std::string& layer,
                                       const std::vector<NewFile>& files,
                                       const WriteCondition& condition, const Checksums* copy_of);
  // Reads what was staged as a reader will. Messages name the version.
  absl::Status ReadBack(const std::filesystem::path& staged, const std::filesystem::path& version,
                        const Checksums* copy_of) const;
  // Makes a folder of `files` and their manifest in `parent`, on the disk.
  absl::Status Stage(const WritableFolder& parent, const std::string& name,
                     const std::vector<NewFile>& files);
  // Moves an entry out of readers' sight, for good, and then removes it.
  absl::Status Discard(const WritableFolder& folder, const std::string& name);
  void Step(const char* step) const {
    if (on_step_) on_step_(step);
  }

  const std::filesystem::path root_;
  const OnStep on_step_;
};

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_REPOSITORY_WRITER_H_
