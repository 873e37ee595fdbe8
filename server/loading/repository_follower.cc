#include "server/loading/repository_follower.h"

#include <time.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"
#include "server/loading/layer_source.h"
#include "server/repository/file_systems.h"

namespace convoy::loading {
namespace {

using registry::LiveVersion;

// A burst of changes is looked at once in so long.
constexpr auto kShortestInterval = std::chrono::milliseconds(50);
// A repository that is gone is looked for so often.
constexpr auto kGoneInterval = std::chrono::seconds(1);
// What left is freed within so long after its last request.
constexpr auto kSweepInterval = std::chrono::milliseconds(100);

Clock::duration ProcessorTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

RepositoryFollower::RepositoryFollower(const repository::ModelRepository& repository,
                                       const LayerCompiler& compiler, LiveLayers& live,
                                       LoadingLog& log, const Options& options)
    : repository_(repository),
      compiler_(compiler),
      live_(live),
      log_(log),
      options_(options),
      watch_(options.follow ? options.most_watches : 0) {}

absl::Status RepositoryFollower::LoadAll(int threads, const std::stop_token& stop) {
  const absl::StatusOr<repository::RootListing> listing = repository_.ListLayers();
  if (!listing.ok()) return listing.status();
  root_ = listing->id;
  std::vector<std::pair<const std::string, Tracked>*> layers;
  for (const std::string& name : listing->layers) {
    TrackedOf(name);
    layers.push_back(&*tracked_.find(name));
  }
  std::atomic<size_t> next = 0;
  const auto load = [&] {
    for (size_t i = next++; i < layers.size() && !stop.stop_requested(); i = next++) {
      LookAt(layers[i]->first, layers[i]->second, /*settled=*/true, stop);
      live_.Sweep();  // the snapshots in between
    }
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(load);
  load();
  return absl::OkStatus();
}

void RepositoryFollower::Follow(const std::stop_token& stop) {
  stop_ = stop;
  const std::stop_callback wake(stop, [this] { watch_.Wake(); });
  while (!stop.stop_requested()) {
    RunTasks();
    if (options_.follow) LookAtDue();
    Clock::time_point next = NextLook();
    if (on_tick_) next = std::min(next, on_tick_());
    if (live_.Sweep() > 0) next = std::min(next, Clock::now() + kSweepInterval);
    Note(watch_.Wait(next));
  }
  std::vector<std::function<void()>> left;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    left.swap(tasks_);
  }
  for (const auto& task : left) task();
}

bool RepositoryFollower::Post(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    if (closed_) return false;
    tasks_.push_back(std::move(task));
  }
  watch_.Wake();
  return true;
}

void RepositoryFollower::RunTasks() {
  std::vector<std::function<void()>> tasks;
  {
    MutexLock lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task();
}

void RepositoryFollower::SetUnloaded(const std::string& name, bool unloaded) {
  if (unloaded) {
    LeaveAlone(name);
  } else {
    unloaded_.erase(name);
  }
  live_.SetUnloaded(Printable(name), unloaded);
}

void RepositoryFollower::Give(const std::shared_ptr<const LiveVersion>& version) {
  LeaveAlone(version->name);
  live_.Put({.name = version->name, .versions = {version}, .given = true});
  live_.SetUnloaded(version->name, false);
  if (on_loaded_) on_loaded_(version);
}

void RepositoryFollower::LeaveAlone(const std::string& name) {
  unloaded_.insert(name);
  watch_.ForgetLayer(name);
  tracked_.erase(name);
}

void RepositoryFollower::LookNow(const std::string& name) {
  if (!unloaded_.contains(name)) FollowLayer(name, /*settled=*/true);
}

void RepositoryFollower::Replace(const std::shared_ptr<const LiveVersion>& stale,
                                 std::shared_ptr<const LiveVersion> fresh) {
  const auto tracked = tracked_.find(stale->name);
  if (tracked != tracked_.end() && !tracked->second.tracker.Replace(*stale, fresh)) return;
  live_.Replace(*stale, std::move(fresh));
}

void RepositoryFollower::Note(const repository::Changes& changes) {
  const Clock::time_point now = Clock::now();
  const auto soon = [now](Clock::time_point looked) {
    return std::max(now, looked + kShortestInterval);
  };
  if (changes.everything) root_due_ = std::min(root_due_, soon(root_looked_));
  for (const std::string& name : changes.layers) {
    if (unloaded_.contains(name)) continue;
    Tracked& tracked = TrackedOf(name);
    tracked.next = std::min(tracked.next, soon(tracked.looked));
  }
}

void RepositoryFollower::LookAtDue() {
  const Clock::duration start = ProcessorTime();
  const bool everything =
      Clock::now() >= std::min(root_due_, polls_.Next(told_ && watch_.complete()));
  loaded_ = false;
  if (everything || !root_problem_.ok() || !root_.has_value() || !repository_.IsStill(*root_)) {
    LookAtRoot();
  }
  if (!root_problem_.ok()) return;
  for (auto layer = tracked_.begin(); layer != tracked_.end();) {
    const auto& [name, tracked] = *layer++;
    if (stop_.stop_requested()) return;
    if (tracked.next <= Clock::now()) FollowLayer(std::string(name), /*settled=*/false);
  }
  log_.OnWatch(watch_.complete());
  // Loading is no cost of looking.
  const Clock::duration cost = loaded_ ? Clock::duration(0) : ProcessorTime() - start;
  if (everything) polls_.Looked(Clock::now(), cost);
}

void RepositoryFollower::LookAtRoot() {
  const Clock::time_point now = Clock::now();
  root_looked_ = now;
  root_due_ = Clock::time_point::max();
  watch_.WatchRoot(repository_.root(), repository::LinksOn(repository_.root()));
  told_ = repository::TellsChanges(repository_.root());
  const absl::StatusOr<repository::RootListing> listing = repository_.ListLayers();
  root_problem_ = CheckRoot(listing);
  log_.OnRepository(root_problem_);
  if (!root_problem_.ok()) {
    root_due_ = now + kGoneInterval;
    return;
  }
  root_ = listing->id;
  for (const std::string& name : listing->layers) {
    if (!unloaded_.contains(name)) TrackedOf(name);
  }
  for (auto& [name, tracked] : tracked_) tracked.next = now;
}

absl::Status RepositoryFollower::CheckRoot(
    const absl::StatusOr<repository::RootListing>& listing) const {
  if (!listing.ok()) return listing.status();
  // Such as the folder that a volume is mounted on, when it is not.
  if (listing->id != root_ && listing->layers.empty() && !tracked_.empty()) {
    return absl::UnavailableError(absl::StrCat("repository ",
                                               Printable(repository_.root().string()),
                                               ": another folder, without any layer"));
  }
  return absl::OkStatus();
}

RepositoryFollower::Tracked& RepositoryFollower::TrackedOf(const std::string& name) {
  return tracked_.try_emplace(name, Printable(name), options_.times).first->second;
}

std::optional<std::vector<int64_t>> RepositoryFollower::LookAt(const std::string& name,
                                                               Tracked& tracked, bool settled,
                                                               const std::stop_token& stop) {
  tracked.looked = Clock::now();
  LayerSource source({repository_, compiler_, log_}, name, live_.Newest(name), stop);
  LayerNews news = tracked.tracker.Look(source, tracked.looked, settled);
  if (stop.stop_requested()) return std::nullopt;
  tracked.next = news.next;
  log_.OnNews(Printable(name), news);
  for (const LayerEvent& event : news.events) {
    if (event.kind != LayerEvent::Kind::kLoaded) continue;
    loaded_ = true;
    for (const auto& version : news.layer->versions) {
      if (version->version == event.version && on_loaded_) on_loaded_(version);
    }
  }
  if (news.layer.has_value()) {
    live_.Put(*std::move(news.layer));
  } else {
    live_.Remove(Printable(name));
  }
  if (news.gone) return std::nullopt;
  return std::move(news.versions);
}

void RepositoryFollower::FollowLayer(const std::string& name, bool settled) {
  Tracked& tracked = TrackedOf(name);
  while (const std::optional<std::vector<int64_t>> versions =
             LookAt(name, tracked, settled, stop_)) {
    if (!options_.follow) return;
    if (!repository::TellsChanges(repository_.root() / name)) told_ = false;
    // What happened before a folder was watched, nobody told.
    if (!watch_.WatchLayer(name, repository_.Folders(name, *versions))) return;
  }
  if (stop_.stop_requested()) return;
  watch_.ForgetLayer(name);
  tracked_.erase(name);
}

Clock::time_point RepositoryFollower::NextLook() const {
  if (!options_.follow) return Clock::time_point::max();
  Clock::time_point next = std::min(root_due_, polls_.Next(told_ && watch_.complete()));
  if (!root_problem_.ok()) return next;
  for (const auto& [name, tracked] : tracked_) next = std::min(next, tracked.next);
  return next;
}

}  // namespace convoy::loading
