// Waits for changes in folders.
#ifndef CONVOY_SERVER_REPOSITORY_FOLDER_WATCH_H_
#define CONVOY_SERVER_REPOSITORY_FOLDER_WATCH_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"

struct inotify_event;

namespace convoy::repository {

// What may have changed.
struct Changes {
  bool everything = false;
  absl::btree_set<std::string> layers;

  bool any() const { return everything || !layers.empty(); }
};

// The system's notices (inotify) about a repository's folders. They come from local
// file systems only, and are lost when too many come at once; the latter is told as a
// change of everything.
//
// For one thread, but for Wake.
class FolderWatch {
 public:
  // At most `most_folders` are watched, and no more than the system allows.
  explicit FolderWatch(size_t most_folders = SIZE_MAX);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Watches the repository's own folder: a change of an entry is one of the layer of
  // that name, or of everything if the entry is hidden, as the link behind a mounted
  // volume is. Entries of the server's own (kOwnPrefix) are none. A change of one of
  // `links` is one of everything. Returns whether something is watched that was not
  // before, so that what happened until now went unnoticed.
  bool WatchRoot(const std::filesystem::path& root,
                 const std::vector<std::filesystem::path>& links);

  // Watches the folders of one layer, in place of those that were. The same answer.
  bool WatchLayer(const std::string& layer, const std::vector<std::filesystem::path>& folders);
  void ForgetLayer(const std::string& layer);

  // Whether everything that was to be watched is. Once false, it stays so.
  bool complete() const { return complete_; }

  // Waits until something changes, somebody wakes, or it is `until`.
  Changes Wait(std::chrono::steady_clock::time_point until);

  // Ends the wait, or the next one. From any thread.
  void Wake();

 private:
  // By watch descriptor: whom a change concerns. One folder may be many layers', by
  // links.
  struct Watched {
    bool root = false;
    absl::btree_set<std::string> links;  // names of entries
    absl::btree_set<std::string> layers;

    bool unused() const { return !root && links.empty() && layers.empty(); }
  };

  // The descriptor; -1 when the folder is not there or cannot be watched.
  int Add(const std::filesystem::path& folder);
  void RemoveUnused(int descriptor);
  void Read(Changes& changes);
  void Note(const inotify_event& event, Changes& changes);

  const size_t most_folders_;
  int inotify_;  // -1: there is none
  int wake_;     // an eventfd
  bool complete_ = true;
  absl::flat_hash_map<int, Watched> watched_;
  absl::flat_hash_map<std::string, std::vector<int>> by_layer_;
};

// What the server writes in the repository's folder itself begins with this.
inline constexpr std::string_view kOwnPrefix = ".convoy-";

// The links on the way to `path`, in the order in which they are followed.
std::vector<std::filesystem::path> LinksOn(const std::filesystem::path& path);

}  // namespace convoy::repository

#endif  // CONVOY_SERVER_REPOSITORY_FOLDER_WATCH_H_
