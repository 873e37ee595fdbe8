#include "server/repository/repository_writer.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "kernel/base/status_macros.h"
#include "server/base/utf8.h"
#include "server/repository/file_source.h"
#include "server/repository/folder_watch.h"
#include "server/repository/layer_name.h"
#include "server/repository/manifest.h"
#include "server/repository/version_files.h"
#include "server/repository/version_folder.h"
#include "server/repository/write_lock.h"

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

// A name that nobody else has in the folder. What is left of such names is a crashed
// writer's: the lock is held.
std::string OwnName(const char* kind) {
  static std::atomic<uint64_t> next{0};
  return absl::StrCat(std::string(kOwnPrefix), kind, "-", getpid(), "-", next++);
}

bool IsLeftover(const std::string& name) {
  return name.starts_with(kOwnPrefix) && name != absl::StrCat(std::string(kOwnPrefix), "lock");
}

absl::Status RemoveLeftovers(const WritableFolder& folder) {
  CONVOY_ASSIGN_OR_RETURN(const std::vector<std::string> names, folder.List());
  for (const std::string& name : names) {
    if (IsLeftover(name)) CONVOY_RETURN_IF_ERROR(folder.Remove(name));
  }
  return absl::OkStatus();
}

// The versions in a layer's folder, newest first.
absl::StatusOr<std::vector<int64_t>> VersionsIn(const WritableFolder& layer) {
  CONVOY_ASSIGN_OR_RETURN(const std::vector<std::string> names, layer.List());
  std::vector<int64_t> versions;
  for (const std::string& name : names) {
    if (const std::optional<int64_t> version = ParseVersion(name)) versions.push_back(*version);
  }
  std::sort(versions.begin(), versions.end(), std::greater<>());
  return versions;
}

// Whether the version is the server's own: a folder, no link, with a manifest.
bool IsOwn(const WritableFolder& layer, int64_t version) {
  const absl::StatusOr<WritableFolder> folder = layer.OpenFolder(absl::StrCat(version));
  return folder.ok() && folder->Has(kManifestFile);
}

absl::Status Check(const WriteCondition& condition, bool exists, int64_t newest) {
  if (!condition.newest.has_value()) return absl::OkStatus();
  if (*condition.newest == 0 && exists) {
    return absl::AlreadyExistsError(
        absl::StrCat("the layer exists, its newest version is ", newest));
  }
  if (*condition.newest == newest) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("expected ", *condition.newest, " as the newest version, it is ", newest));
}

absl::Status NotFound(const std::string& layer) {
  return absl::NotFoundError(absl::StrCat("no layer '", layer, "' in the repository"));
}

}  // namespace

struct RepositoryWriter::Session {
  WritableFolder root;
  WriteLock lock;
};

RepositoryWriter::RepositoryWriter(fs::path root, OnStep on_step)
    : root_(std::move(root)), on_step_(std::move(on_step)) {}

absl::StatusOr<RepositoryWriter::Session> RepositoryWriter::Begin(
    std::chrono::steady_clock::time_point deadline) const {
  CONVOY_ASSIGN_OR_RETURN(WritableFolder root, WritableFolder::Open(root_));
  CONVOY_ASSIGN_OR_RETURN(WriteLock lock, WriteLock::Take(root, deadline));
  Step("locked");
  return Session{std::move(root), std::move(lock)};
}

absl::StatusOr<WrittenVersion> RepositoryWriter::CreateVersion(const std::string& layer,
                                                               const std::vector<NewFile>& files,
                                                               const WriteCondition& condition) {
  CONVOY_RETURN_IF_ERROR(CheckNewLayerName(layer));
  CONVOY_ASSIGN_OR_RETURN(const Session session, Begin(condition.deadline));
  return Write(session, layer, files, condition, nullptr);
}

absl::StatusOr<WrittenVersion> RepositoryWriter::Rollback(const std::string& layer, int64_t version,
                                                          const WriteCondition& condition) {
  CONVOY_RETURN_IF_ERROR(CheckNewLayerName(layer));
  CONVOY_ASSIGN_OR_RETURN(const Session session, Begin(condition.deadline));
  const fs::path from = root_ / layer / absl::StrCat(version);
  std::error_code error;
  if (!fs::is_directory(from, error)) {
    return absl::NotFoundError(absl::StrCat("layer '", layer, "' has no version ", version));
  }
  CONVOY_ASSIGN_OR_RETURN(
      const LoadedVersion old,
      ReadVersionFolder(root_, fs::path(layer) / absl::StrCat(version), version));
  std::vector<FileSource> sources;
  std::vector<std::string> names;
  for (const char* const name : {kConfigFile, kWeightsFile, kServingFile}) {
    absl::StatusOr<FileSource> source = FileSource::Open(from / name);
    if (absl::IsNotFound(source.status())) continue;
    if (!source.ok()) return source.status();
    sources.push_back(*std::move(source));
    names.emplace_back(name);
  }
  std::vector<NewFile> files;
  for (size_t i = 0; i < sources.size(); ++i) files.push_back({names[i], sources[i]});
  return Write(session, layer, files, condition, &old.checksums);
}

absl::StatusOr<WrittenVersion> RepositoryWriter::Write(const Session& session,
                                                       const std::string& layer,
                                                       const std::vector<NewFile>& files,
                                                       const WriteCondition& condition,
                                                       const Checksums* copy_of) {
  CONVOY_RETURN_IF_ERROR(RemoveLeftovers(session.root));
  absl::StatusOr<WritableFolder> folder = session.root.OpenFolder(layer);
  const bool exists = folder.ok();
  if (!exists && !absl::IsNotFound(folder.status())) return folder.status();
  int64_t newest = 0;
  if (exists) {
    CONVOY_RETURN_IF_ERROR(RemoveLeftovers(*folder));
    CONVOY_ASSIGN_OR_RETURN(const std::vector<int64_t> versions, VersionsIn(*folder));
    if (!versions.empty()) newest = versions.front();
  }
  CONVOY_RETURN_IF_ERROR(Check(condition, exists, newest));
  if (newest == std::numeric_limits<int64_t>::max()) {
    return absl::FailedPreconditionError("there is no higher version number");
  }
  const std::string version = absl::StrCat(newest + 1);
  // A new layer appears with its first version in it.
  const std::string own = OwnName("new");
  if (!exists) folder = session.root.MakeFolder(own);
  if (!folder.ok()) return folder.status();
  const std::string staged = exists ? own : version;
  absl::Status done = Stage(*folder, staged, files);
  if (done.ok()) {
    done = ReadBack(fs::path(exists ? layer : own) / staged, fs::path(layer) / version, copy_of);
  }
  if (done.ok()) {
    Step("read back");
    done = exists ? folder->Move(staged, *folder, version)
                  : session.root.Move(own, session.root, layer);
  }
  if (!done.ok()) {
    (exists ? *folder : session.root).Remove(own).IgnoreError();
    return done;
  }
  Step("renamed");
  CONVOY_ASSIGN_OR_RETURN(const WritableFolder written, folder->OpenFolder(version));
  CONVOY_ASSIGN_OR_RETURN(const FolderStamp stamp, written.Stamp());
  CONVOY_RETURN_IF_ERROR((exists ? *folder : session.root).Sync());
  Step("parent synced");
  return WrittenVersion{newest + 1, stamp};
}

absl::Status RepositoryWriter::Stage(const WritableFolder& parent, const std::string& name,
                                     const std::vector<NewFile>& files) {
  CONVOY_ASSIGN_OR_RETURN(const WritableFolder folder, parent.MakeFolder(name));
  Step("folder made");
  Manifest manifest;
  for (const NewFile& file : files) {
    CONVOY_ASSIGN_OR_RETURN(manifest[file.name], folder.WriteFile(file.name, file.content));
    Step("file written");
  }
  const std::string text = ManifestText(manifest);
  MemorySource source(text);
  CONVOY_RETURN_IF_ERROR(folder.WriteFile(kManifestFile, source).status());
  Step("manifest written");
  CONVOY_RETURN_IF_ERROR(folder.Sync());
  CONVOY_RETURN_IF_ERROR(parent.Sync());
  Step("folder synced");
  return absl::OkStatus();
}

absl::Status RepositoryWriter::ReadBack(const fs::path& staged, const fs::path& version,
                                        const Checksums* copy_of) const {
  const absl::StatusOr<LoadedVersion> loaded = ReadVersionFolder(root_, staged, 1);
  if (!loaded.ok()) {
    return absl::Status(
        loaded.status().code(),
        absl::StrReplaceAll(loaded.status().message(), {{staged.string(), version.string()}}));
  }
  if (copy_of == nullptr || *copy_of == loaded->checksums) return absl::OkStatus();
  return absl::AbortedError("the files changed while they were copied");
}

absl::Status RepositoryWriter::Withdraw(const std::string& layer, const WrittenVersion& version) {
  CONVOY_ASSIGN_OR_RETURN(const Session session,
                          Begin(std::chrono::steady_clock::time_point::max()));
  CONVOY_ASSIGN_OR_RETURN(const WritableFolder folder, session.root.OpenFolder(layer));
  const std::string name = absl::StrCat(version.number);
  CONVOY_ASSIGN_OR_RETURN(const WritableFolder there, folder.OpenFolder(name));
  CONVOY_ASSIGN_OR_RETURN(const FolderStamp stamp, there.Stamp());
  if (stamp != version.stamp) {
    return absl::NotFoundError(
        absl::StrCat("version ", name, " of layer '", layer, "' is another one by now"));
  }
  CONVOY_ASSIGN_OR_RETURN(const std::vector<std::string> names, folder.List());
  // A layer that consists of nothing else goes with it.
  if (names.size() == 1 && names[0] == name) return Discard(session.root, layer);
  return Discard(folder, name);
}

absl::Status RepositoryWriter::Delete(const std::string& layer, bool with_foreign,
                                      const WriteCondition& condition) {
  if (const absl::Status name = CheckLayerName(layer); !name.ok()) return name;
  CONVOY_ASSIGN_OR_RETURN(const Session session, Begin(condition.deadline));
  CONVOY_RETURN_IF_ERROR(CheckDelete(session, layer, with_foreign, condition));
  return Discard(session.root, layer);
}

absl::Status RepositoryWriter::CheckDelete(const std::string& layer, bool with_foreign,
                                           const WriteCondition& condition) const {
  if (const absl::Status name = CheckLayerName(layer); !name.ok()) return name;
  CONVOY_ASSIGN_OR_RETURN(const Session session, Begin(condition.deadline));
  return CheckDelete(session, layer, with_foreign, condition);
}

absl::Status RepositoryWriter::CheckDelete(const Session& session, const std::string& layer,
                                           bool with_foreign, const WriteCondition& condition) {
  const absl::StatusOr<WritableFolder> folder = session.root.OpenFolder(layer);
  if (absl::IsNotFound(folder.status())) return NotFound(layer);
  if (!folder.ok()) return folder.status();
  CONVOY_RETURN_IF_ERROR(RemoveLeftovers(*folder));
  CONVOY_ASSIGN_OR_RETURN(const std::vector<int64_t> versions, VersionsIn(*folder));
  CONVOY_RETURN_IF_ERROR(Check(condition, true, versions.empty() ? 0 : versions.front()));
  CONVOY_ASSIGN_OR_RETURN(std::vector<std::string> names, folder->List());
  std::vector<std::string> foreign;
  for (const std::string& name : names) {
    const std::optional<int64_t> version = ParseVersion(name);
    if (!version.has_value() || !IsOwn(*folder, *version)) foreign.push_back(Printable(name));
  }
  std::sort(foreign.begin(), foreign.end());
  if (!foreign.empty() && !with_foreign) {
    return absl::FailedPreconditionError(absl::StrCat(
        "layer '", layer, "' has what the server did not write: ", absl::StrJoin(foreign, ", ")));
  }
  return absl::OkStatus();
}

absl::Status RepositoryWriter::Prune(const std::string& layer, int64_t keep) {
  CONVOY_ASSIGN_OR_RETURN(const Session session,
                          Begin(std::chrono::steady_clock::time_point::max()));
  const absl::StatusOr<WritableFolder> folder = session.root.OpenFolder(layer);
  if (absl::IsNotFound(folder.status())) return absl::OkStatus();
  if (!folder.ok()) return folder.status();
  CONVOY_ASSIGN_OR_RETURN(const std::vector<int64_t> versions, VersionsIn(*folder));
  int64_t own = 0;
  for (const int64_t version : versions) {
    if (!IsOwn(*folder, version) || ++own <= keep) continue;
    CONVOY_RETURN_IF_ERROR(Discard(*folder, absl::StrCat(version)));
  }
  return absl::OkStatus();
}

absl::Status RepositoryWriter::Discard(const WritableFolder& folder, const std::string& name) {
  const std::string own = OwnName("old");
  CONVOY_RETURN_IF_ERROR(folder.Move(name, folder, own));
  Step("moved away");
  CONVOY_RETURN_IF_ERROR(folder.Sync());
  Step("away for good");
  CONVOY_RETURN_IF_ERROR(folder.Remove(own));
  Step("removed");
  return absl::OkStatus();
}

absl::Status RepositoryWriter::CleanUp() {
  CONVOY_ASSIGN_OR_RETURN(const Session session,
                          Begin(std::chrono::steady_clock::time_point::max()));
  CONVOY_RETURN_IF_ERROR(RemoveLeftovers(session.root));
  CONVOY_ASSIGN_OR_RETURN(const std::vector<std::string> names, session.root.List());
  for (const std::string& name : names) {
    const absl::StatusOr<WritableFolder> folder = session.root.OpenFolder(name);
    if (folder.ok()) CONVOY_RETURN_IF_ERROR(RemoveLeftovers(*folder));
  }
  return absl::OkStatus();
}

}  // namespace convoy::repository
