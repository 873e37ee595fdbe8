// Keeps what is live like what is on disk.
#ifndef CONVOY_SERVER_LOADING_REPOSITORY_FOLLOWER_H_
#define CONVOY_SERVER_LOADING_REPOSITORY_FOLLOWER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "kernel/base/mutex.h"
#include "server/loading/layer_compiler.h"
#include "server/loading/layer_tracker.h"
#include "server/loading/live_layers.h"
#include "server/loading/loading_log.h"
#include "server/loading/poll_schedule.h"
#include "server/registry/registry.h"
#include "server/repository/folder_watch.h"
#include "server/repository/model_repository.h"

namespace convoy::loading {

// Looks at the repository, at what changes of it, and again when something is due;
// what that gives is published at once.
//
// The repository as a whole may go: unmounted, removed, its link broken, or replaced
// by a folder without any layer. Then what is live stays so, and it is said.
//
// Threads: LoadAll and then Follow are for one thread; Post is for any.
class RepositoryFollower {
 public:
  struct Options {
    // Whether to look again after LoadAll.
    bool follow = true;
    // Folders that the system may be asked to watch; without, or beyond it, the
    // follower looks again and again.
    size_t most_watches = SIZE_MAX;
    TrackingTimes times;
  };

  // A version that was loaded; it may be worth timing.
  using OnLoaded = std::function<void(const std::shared_ptr<const registry::LiveVersion>&)>;

  // All that is referred to must outlive it.
  RepositoryFollower(const repository::ModelRepository& repository, const LayerCompiler& compiler,
                     LiveLayers& live, LoadingLog& log, const Options& options);

  // Called whenever the thread that follows is awake; says when to wake it next, at the
  // latest.
  using OnTick = std::function<Clock::time_point()>;

  // REQUIRES: before LoadAll.
  void SetHooks(OnLoaded on_loaded, OnTick on_tick) {
    on_loaded_ = std::move(on_loaded);
    on_tick_ = std::move(on_tick);
  }

  // Loads every layer, on so many threads.
  //   UNAVAILABLE  the repository cannot be listed.
  absl::Status LoadAll(int threads, const std::stop_token& stop);

  // Keeps up until stopped.
  void Follow(const std::stop_token& stop);

  // Has `task` run by the thread that follows, soon; at the latest when that ends.
  // Returns false, and drops the task, when nobody follows any more.
  bool Post(std::function<void()> task);

  // For tasks. Loads what is there of the layer now, without waiting for it to settle,
  // unless it is unloaded.
  void LookNow(const std::string& name);
  // For tasks. An unloaded layer is not there, whatever its folder does, until it is not
  // unloaded any more.
  void SetUnloaded(const std::string& name, bool unloaded);
  // For tasks. Serves a version that did not come from the layer's folder, whatever that
  // does, until it is unloaded or not unloaded any more.
  void Give(const std::shared_ptr<const registry::LiveVersion>& version);
  // Whether the layer's folder is not looked at.
  bool IsUnloaded(const std::string& name) const { return unloaded_.contains(name); }
  // For tasks. Publishes `fresh` in the place of `stale`, unless that was replaced.
  void Replace(const std::shared_ptr<const registry::LiveVersion>& stale,
               std::shared_ptr<const registry::LiveVersion> fresh);

 private:
  struct Tracked {
    explicit Tracked(const std::string& name, const TrackingTimes& times) : tracker(name, times) {}

    LayerTracker tracker;
    Clock::time_point looked;                           // the last time
    Clock::time_point next = Clock::time_point::min();  // when it is due
  };

  // Its folder is not looked at from here on.
  void LeaveAlone(const std::string& name);
  void RunTasks();
  // Makes due what changed, no more often than is useful.
  void Note(const repository::Changes& changes);
  void LookAtDue();
  void LookAtRoot();
  // Whether the folder that the repository's path leads to may be believed.
  absl::Status CheckRoot(const absl::StatusOr<repository::RootListing>& listing) const;
  Tracked& TrackedOf(const std::string& name);
  // Looks at the layer's folder and publishes what that gives. Returns the versions
  // that are to be watched; nothing when there is no such folder any more.
  std::optional<std::vector<int64_t>> LookAt(const std::string& name, Tracked& tracked,
                                             bool settled, const std::stop_token& stop);
  // The same, and sees to it that no change from now on goes unnoticed.
  void FollowLayer(const std::string& name, bool settled);
  Clock::time_point NextLook() const;

  const repository::ModelRepository& repository_;
  const LayerCompiler& compiler_;
  LiveLayers& live_;
  LoadingLog& log_;
  const Options options_;
  OnLoaded on_loaded_;
  OnTick on_tick_;
  repository::FolderWatch watch_;

  // Of the thread that loads or follows; while LoadAll's threads work, each of them
  // has entries of its own.
  std::map<std::string, Tracked> tracked_;
  absl::btree_set<std::string> unloaded_;  // or given
  std::optional<repository::FolderId> root_;
  absl::Status root_problem_;
  bool told_ = true;  // the system tells of changes in all folders
  PollSchedule polls_;
  Clock::time_point root_looked_;
  Clock::time_point root_due_ = Clock::time_point::min();
  std::atomic<bool> loaded_ = false;  // something, during this look
  std::stop_token stop_;

  Mutex mutex_;
  std::vector<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_REPOSITORY_FOLLOWER_H_
