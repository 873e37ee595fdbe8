#include "server/loading/layer_tracker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace convoy::loading {
namespace {

using registry::LiveVersion;

// Whether the same files may load another time.
bool Passes(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

void Sooner(Clock::time_point time, Clock::time_point& next) { next = std::min(next, time); }

}  // namespace

LayerNews LayerTracker::Look(VersionSource& source, Clock::time_point now, bool at_start) {
  const absl::StatusOr<repository::LayerListing> listing = source.List();
  Walk walk{source, now, at_start, listing.ok(), false, {}};
  if (absl::IsNotFound(listing.status())) {
    if (!gone_.has_value()) gone_ = now;
    if (at_start || now - *gone_ >= times_.settle) {
      for (auto folder = folders_.begin(); folder != folders_.end();) folder = Drop(folder, walk);
      walk.news.gone = true;
      return std::move(walk.news);
    }
    Sooner(*gone_ + times_.settle, walk.news.next);
  } else {
    gone_.reset();
    Note(listing, walk);
  }
  walk.news.layer.emplace();
  walk.news.layer->name = name_;
  FindLive(walk);
  ReportLayer(walk);
  for (const auto& [version, folder] : folders_) walk.news.versions.push_back(version);
  const registry::LiveLayer& layer = *walk.news.layer;
  if (layer.versions.empty() && layer.errors.empty() && layer.incomplete.empty()) {
    walk.news.layer.reset();
  }
  return std::move(walk.news);
}

bool LayerTracker::Replace(const LiveVersion& stale, std::shared_ptr<const LiveVersion> fresh) {
  const auto folder = folders_.find(stale.version);
  if (folder == folders_.end() || folder->second.live.get() != &stale) return false;
  folder->second.live = std::move(fresh);
  return true;
}

void LayerTracker::Note(const absl::StatusOr<repository::LayerListing>& listing, Walk& walk) {
  std::vector<absl::Status> problems;
  if (!listing.ok()) {
    problems.push_back(listing.status());
    if (Passes(listing.status())) Sooner(walk.now + times_.retry, walk.news.next);
  } else {
    problems = listing->errors;
    for (auto& [version, folder] : folders_) {
      const bool there = std::binary_search(listing->versions.begin(), listing->versions.end(),
                                            version, std::greater<int64_t>());
      if (there) {
        folder.missing.reset();
      } else if (!folder.missing.has_value()) {
        folder.missing = walk.now;
      }
    }
    for (const int64_t version : listing->versions) folders_.try_emplace(version);
    if (listing->versions.empty() && problems.empty()) {
      problems.push_back(
          absl::InvalidArgumentError(absl::StrCat(name_, ": has no version folder")));
    }
  }
  if (problems == problems_) return;
  problems_ = std::move(problems);
  problems_since_ = walk.now;
  problems_at_start_ = walk.at_start || !listing.ok();
  problems_told_ = false;
}

void LayerTracker::FindLive(Walk& walk) {
  auto& live = walk.news.layer->versions;
  int64_t wanted = 1;
  const auto full = [&] { return static_cast<int64_t>(live.size()) >= wanted; };
  std::vector<std::shared_ptr<const LiveVersion>> leaving;
  auto folder = folders_.begin();
  for (; folder != folders_.end() && !full(); ++folder) {
    Folder& found = folder->second;
    if (HasLeft(found, walk)) {
      if (found.live != nullptr) leaving.push_back(found.live);
      continue;
    }
    if (found.missing.has_value()) {
      Sooner(*found.missing + times_.settle, walk.news.next);
    } else if (walk.readable) {
      Refresh(folder->first, found, walk);
    }
    Report(folder->first, found, walk);
    if (found.live == nullptr) continue;
    if (live.empty()) wanted = found.live->serving.live_versions;
    live.push_back(found.live);
  }
  // What has left is served until another can take its place.
  if (live.empty() && walk.pending && !leaving.empty()) {
    live = std::move(leaving);
    return;
  }
  for (auto each = folders_.begin(); each != folder;) {
    each = HasLeft(each->second, walk) ? Drop(each, walk) : std::next(each);
  }
  while (folder != folders_.end()) folder = Drop(folder, walk);  // older than those that are live
}

void LayerTracker::Refresh(int64_t version, Folder& folder, Walk& walk) const {
  repository::VersionStamp stamp = walk.source.Stamp(version);
  if (stamp != folder.stamp) {
    folder.stamp = std::move(stamp);
    folder.since = walk.now;
    folder.tried = false;
    folder.retry.reset();
  }
  if (!folder.tried) {
    if (walk.at_start || walk.now - folder.since >= times_.settle) {
      Load(version, folder, walk);
    } else {
      walk.pending = true;
      Sooner(folder.since + times_.settle, walk.news.next);
    }
  } else if (folder.retry.has_value() && walk.now >= *folder.retry) {
    Load(version, folder, walk);
  }
}

void LayerTracker::Load(int64_t version, Folder& folder, Walk& walk) const {
  absl::StatusOr<std::shared_ptr<const LiveVersion>> loaded =
      walk.source.Load(version, folder.live);
  if (absl::IsCancelled(loaded.status())) return;
  // Bytes that were read while somebody wrote are neither good nor bad.
  if (walk.source.Stamp(version) != folder.stamp) {
    folder.stamp.reset();
    walk.pending = true;
    Sooner(walk.now + times_.settle, walk.news.next);
    return;
  }
  folder.tried = true;
  folder.at_start = walk.at_start;
  folder.retry.reset();
  if (loaded.ok()) {
    const bool same = *loaded == folder.live;
    walk.news.events.push_back(
        {same ? LayerEvent::Kind::kUnchanged : LayerEvent::Kind::kLoaded, version, {}});
    folder.live = *std::move(loaded);
    folder.problem = absl::OkStatus();
    return;
  }
  if (loaded.status() != folder.problem) folder.told = false;
  folder.problem = loaded.status();
  if (Passes(folder.problem)) folder.retry = walk.now + times_.retry;
}

void LayerTracker::Report(int64_t version, Folder& folder, Walk& walk) const {
  if (folder.retry.has_value()) Sooner(*folder.retry, walk.news.next);
  if (folder.problem.ok()) return;
  if (!IsError(folder.since, folder.at_start, walk)) {
    walk.news.layer->incomplete.push_back(folder.problem);
    return;
  }
  walk.news.layer->errors.push_back(folder.problem);
  if (folder.told) return;
  folder.told = true;
  walk.news.events.push_back({LayerEvent::Kind::kFailed, version, folder.problem});
}

void LayerTracker::ReportLayer(Walk& walk) {
  if (problems_.empty() || gone_.has_value()) return;
  registry::LiveLayer& layer = *walk.news.layer;
  const bool error = IsError(problems_since_, problems_at_start_, walk);
  for (const absl::Status& problem : problems_) {
    (error ? layer.errors : layer.incomplete).push_back(problem);
    if (error && !problems_told_) {
      walk.news.events.push_back({LayerEvent::Kind::kFailed, 0, problem});
    }
  }
  if (error) problems_told_ = true;
}

bool LayerTracker::IsError(Clock::time_point since, bool at_start, Walk& walk) const {
  if (at_start || walk.now - since >= times_.incomplete) return true;
  Sooner(since + times_.incomplete, walk.news.next);
  return false;
}

bool LayerTracker::HasLeft(const Folder& folder, const Walk& walk) const {
  return folder.missing.has_value() && walk.now - *folder.missing >= times_.settle;
}

LayerTracker::Folders::iterator LayerTracker::Drop(Folders::iterator folder, Walk& walk) {
  if (folder->second.live != nullptr) {
    walk.news.events.push_back({LayerEvent::Kind::kUnloaded, folder->first, {}});
  }
  return folders_.erase(folder);
}

}  // namespace convoy::loading
