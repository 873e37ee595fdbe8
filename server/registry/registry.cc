#include "server/registry/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace convoy::registry {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

absl::Status NoSuchVersion(const LayerEntry& entry, std::string_view version) {
  std::string live;
  for (const auto& layer : entry.versions) {
    absl::StrAppend(&live, live.empty() ? "" : ", ", layer->version_text);
  }
  return absl::NotFoundError(absl::StrCat("model_version: layer '", entry.name,
                                          "' has no live version '", View(version),
                                          "', expected one of: ", live));
}

absl::Status NotLoaded(const LayerEntry& entry) {
  const std::string why =
      entry.errors.empty() ? "no version found" : std::string(entry.errors[0].message());
  return absl::FailedPreconditionError(
      absl::StrCat("layer '", entry.name, "' could not be loaded: ", why));
}

}  // namespace

Snapshot::Snapshot(std::vector<LayerEntry> entries) : entries_(std::move(entries)) {
  std::sort(entries_.begin(), entries_.end(),
            [](const LayerEntry& a, const LayerEntry& b) { return a.name < b.name; });
  for (size_t i = 0; i < entries_.size(); ++i) by_name_.emplace(entries_[i].name, i);
}

absl::StatusOr<const LiveLayer*> Snapshot::Find(std::string_view name,
                                                std::string_view version) const {
  const LayerEntry* entry = FindEntry(name);
  if (entry == nullptr) {
    return absl::NotFoundError(absl::StrCat("model_name: no layer '", View(name), "'"));
  }
  if (entry->versions.empty()) return NotLoaded(*entry);
  if (version.empty()) return entry->versions.front().get();
  for (const auto& layer : entry->versions) {
    if (layer->version_text == version) return layer.get();
  }
  return NoSuchVersion(*entry, version);
}

const LayerEntry* Snapshot::FindEntry(std::string_view name) const {
  const auto found = by_name_.find(View(name));
  return found == by_name_.end() ? nullptr : &entries_[found->second];
}

Registry::Registry() : snapshot_(std::make_shared<const Snapshot>(std::vector<LayerEntry>())) {}

std::shared_ptr<const Snapshot> Registry::snapshot() const {
  MutexLock lock(mutex_);
  return snapshot_;
}

void Registry::Publish(std::shared_ptr<const Snapshot> snapshot) {
  {
    MutexLock lock(mutex_);
    snapshot_.swap(snapshot);  // the old one is destroyed outside the lock
    published_ = true;
  }
  NotifyListeners();
}

bool Registry::ready() const {
  MutexLock lock(mutex_);
  return published_ && !draining_;
}

void Registry::Drain() {
  {
    MutexLock lock(mutex_);
    draining_ = true;
  }
  NotifyListeners();
}

int Registry::AddListener(std::function<void()> listener) {
  MutexLock lock(mutex_);
  listeners_.emplace(next_listener_, std::move(listener));
  return next_listener_++;
}

void Registry::RemoveListener(int id) {
  MutexLock none_runs(calling_);
  MutexLock lock(mutex_);
  listeners_.erase(id);
}

void Registry::NotifyListeners() {
  MutexLock calling(calling_);
  std::vector<std::function<void()>> listeners;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, listener] : listeners_) listeners.push_back(listener);
  }
  for (const auto& listener : listeners) listener();
}

}  // namespace convoy::registry
