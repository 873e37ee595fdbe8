#include "server/repository/folder_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <system_error>

namespace convoy::repository {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kEvents = IN_CREATE | IN_DELETE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM |
                             IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR |
                             IN_EXCL_UNLINK;

}  // namespace

FolderWatch::FolderWatch(size_t most_folders)
    : most_folders_(most_folders),
      inotify_(most_folders == 0 ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      complete_(inotify_ >= 0) {}

FolderWatch::~FolderWatch() {
  if (inotify_ >= 0) close(inotify_);
  if (wake_ >= 0) close(wake_);
}

bool FolderWatch::WatchRoot(const fs::path& root, const std::vector<fs::path>& links) {
  std::vector<int> before;
  for (auto& [descriptor, watched] : watched_) {
    if (watched.root || !watched.links.empty()) before.push_back(descriptor);
    watched.root = false;
    watched.links.clear();
  }
  bool added = false;
  const auto add = [&](const fs::path& folder) -> Watched* {
    const int descriptor = Add(folder);
    if (descriptor < 0) return nullptr;
    added = added || std::find(before.begin(), before.end(), descriptor) == before.end();
    return &watched_[descriptor];
  };
  if (Watched* const watched = add(root)) watched->root = true;
  for (const fs::path& link : links) {
    if (Watched* const watched = add(link.parent_path())) watched->links.insert(link.filename());
  }
  for (const int descriptor : before) RemoveUnused(descriptor);
  return added;
}

bool FolderWatch::WatchLayer(const std::string& layer, const std::vector<fs::path>& folders) {
  std::vector<int> now;
  for (const fs::path& folder : folders) {
    const int descriptor = Add(folder);
    if (descriptor >= 0) now.push_back(descriptor);
  }
  std::sort(now.begin(), now.end());
  now.erase(std::unique(now.begin(), now.end()), now.end());
  std::vector<int>& before = by_layer_[layer];
  const bool added = !std::includes(before.begin(), before.end(), now.begin(), now.end());
  before.swap(now);
  for (const int descriptor : now) {
    if (std::binary_search(before.begin(), before.end(), descriptor)) continue;
    const auto found = watched_.find(descriptor);
    if (found == watched_.end()) continue;
    found->second.layers.erase(layer);
    RemoveUnused(descriptor);
  }
  for (const int descriptor : before) watched_[descriptor].layers.insert(layer);
  return added;
}

void FolderWatch::ForgetLayer(const std::string& layer) {
  WatchLayer(layer, {});
  by_layer_.erase(layer);
}

int FolderWatch::Add(const fs::path& folder) {
  if (inotify_ < 0) return -1;
  const int descriptor = inotify_add_watch(inotify_, folder.c_str(), kEvents);
  // Others, such as that it is not there, show when the folder is read.
  if (descriptor < 0 && (errno == ENOSPC || errno == ENOMEM)) complete_ = false;
  if (descriptor < 0) return -1;
  const bool fresh = watched_.try_emplace(descriptor).second;
  if (fresh && watched_.size() > most_folders_) {
    complete_ = false;
    watched_.erase(descriptor);
    inotify_rm_watch(inotify_, descriptor);
    return -1;
  }
  return descriptor;
}

void FolderWatch::RemoveUnused(int descriptor) {
  const auto found = watched_.find(descriptor);
  if (found == watched_.end() || !found->second.unused()) return;
  watched_.erase(found);
  inotify_rm_watch(inotify_, descriptor);
}

Changes FolderWatch::Wait(std::chrono::steady_clock::time_point until) {
  using std::chrono::milliseconds;
  std::array<pollfd, 2> ready = {pollfd{wake_, POLLIN, 0}, pollfd{inotify_, POLLIN, 0}};
  const auto left = until - std::chrono::steady_clock::now();
  // Rounded up: a wait that ends too early would be one in vain.
  const int64_t wait = std::chrono::ceil<milliseconds>(left).count();
  poll(ready.data(), ready.size(), static_cast<int>(std::clamp<int64_t>(wait, 0, INT_MAX)));
  uint64_t wakes = 0;
  while (read(wake_, &wakes, sizeof(wakes)) > 0) {
  }
  Changes changes;
  if (inotify_ >= 0) Read(changes);
  return changes;
}

void FolderWatch::Wake() {
  const uint64_t one = 1;
  // It fails only when so many wakes wait already that it makes no difference.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

void FolderWatch::Read(Changes& changes) {
  alignas(inotify_event) std::array<char, 64 * (sizeof(inotify_event) + NAME_MAX + 1)> buffer;
  while (true) {
    const ssize_t bytes = read(inotify_, buffer.data(), buffer.size());
    if (bytes <= 0) return;
    for (ssize_t at = 0; at < bytes;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(buffer.data() + at);
      Note(event, changes);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event.len);
    }
  }
}

void FolderWatch::Note(const inotify_event& event, Changes& changes) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    changes.everything = true;
    return;
  }
  const auto found = watched_.find(event.wd);
  if (found == watched_.end()) return;  // not watched any more
  const Watched& watched = found->second;
  const std::string_view name = event.len > 0 ? event.name : "";
  if (!name.starts_with(kOwnPrefix)) {
    changes.layers.insert(watched.layers.begin(), watched.layers.end());
    if (watched.links.contains(std::string(name))) changes.everything = true;
    if (watched.root && (name.empty() || name.front() == '.')) changes.everything = true;
    if (watched.root && !name.empty() && name.front() != '.') changes.layers.emplace(name);
  }
  if ((event.mask & IN_IGNORED) != 0) {
    for (const std::string& layer : watched.layers) {
      std::erase(by_layer_[layer], event.wd);
    }
    watched_.erase(found);
  }
}

std::vector<fs::path> LinksOn(const fs::path& path) {
  constexpr size_t kMostLinks = 40;  // as the system follows
  std::error_code error;
  std::vector<fs::path> found;
  const fs::path absolute = fs::absolute(path, error);
  std::deque<fs::path> left(absolute.begin(), absolute.end());
  fs::path walked;
  while (!left.empty()) {
    const fs::path name = left.front();
    left.pop_front();
    if (name == "." || name.empty()) continue;
    if (name == "..") {
      walked = walked.parent_path();
      continue;
    }
    const fs::path next = walked / name;
    const fs::path target =
        fs::is_symlink(next, error) ? fs::read_symlink(next, error) : fs::path();
    if (target.empty()) {
      walked = next;
      continue;
    }
    if (found.size() == kMostLinks) break;
    found.push_back(next);
    if (target.is_absolute()) walked.clear();
    left.insert(left.begin(), target.begin(), target.end());
  }
  return found;
}

}  // namespace convoy::repository
