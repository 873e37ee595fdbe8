#include "server/registry/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernel/base/absl_view.h"

namespace convoy::registry {
namespace {

absl::Status NoSuchVersion(const LiveLayer& layer, std::string_view version) {
  std::string all;
  for (const auto& live : layer.versions) {
    absl::StrAppend(&all, all.empty() ? "" : ", ", live->version_text);
  }
  return absl::NotFoundError(absl::StrCat("model_version: layer '", layer.name,
                                          "' has no live version '", AbslView(version),
                                          "', expected one of: ", all));
}

absl::Status NotLoaded(const LiveLayer& layer) {
  std::string why = "no version found";
  if (!layer.errors.empty()) {
    why = std::string(layer.errors[0].message());
  } else if (!layer.incomplete.empty()) {
    why = absl::StrCat("incomplete so far: ", layer.incomplete[0].message());
  }
  return absl::FailedPreconditionError(
      absl::StrCat("layer '", layer.name, "' could not be loaded: ", why));
}

}  // namespace

int64_t LiveVersion::weight_bytes() const {
  const size_t floats = layer->kernel<float>().size() + layer->bias<float>().size();
  const size_t doubles = layer->kernel<double>().size() + layer->bias<double>().size();
  return static_cast<int64_t>(floats * sizeof(float) + doubles * sizeof(double));
}

std::string LiveVersion::DescribeExecution() const { return handle->compiled().Describe(); }

Snapshot::Snapshot(std::vector<LiveLayer> layers, bool complete, std::vector<std::string> unloaded)
    : layers_(std::move(layers)), unloaded_(std::move(unloaded)), complete_(complete) {
  std::sort(layers_.begin(), layers_.end(),
            [](const LiveLayer& a, const LiveLayer& b) { return a.name < b.name; });
  for (size_t i = 0; i < layers_.size(); ++i) by_name_.emplace(layers_[i].name, i);
}

absl::StatusOr<const LiveVersion*> Snapshot::Find(std::string_view name,
                                                  std::string_view version) const {
  const LiveLayer* layer = FindLayer(name);
  if (layer == nullptr && !complete_) {
    return absl::UnavailableError(absl::StrCat("model_name: layer '", AbslView(name),
                                               "' is not there yet: the server is starting"));
  }
  if (layer == nullptr) {
    return absl::NotFoundError(absl::StrCat("model_name: no layer '", AbslView(name), "'"));
  }
  if (layer->versions.empty()) return NotLoaded(*layer);
  if (version.empty()) return layer->versions.front().get();
  for (const auto& live : layer->versions) {
    if (live->version_text == version) return live.get();
  }
  return NoSuchVersion(*layer, version);
}

const LiveLayer* Snapshot::FindLayer(std::string_view name) const {
  const auto found = by_name_.find(AbslView(name));
  return found == by_name_.end() ? nullptr : &layers_[found->second];
}

const char* StateName(LiveLayer::State state) {
  switch (state) {
    case LiveLayer::State::kReady:
      return "ready";
    case LiveLayer::State::kIncomplete:
      return "incomplete";
    case LiveLayer::State::kBroken:
      break;
  }
  return "broken";
}

LayerCounts Snapshot::Count() const {
  LayerCounts counts;
  for (const LiveLayer& layer : layers_) {
    if (layer.state() == LiveLayer::State::kReady) ++counts.callable;
    if (layer.state() == LiveLayer::State::kBroken) ++counts.broken;
    for (const auto& version : layer.versions) {
      ++counts.versions;
      counts.weight_bytes += version->weight_bytes();
    }
    counts.incomplete += static_cast<int64_t>(layer.incomplete.size());
    counts.errors += static_cast<int64_t>(layer.errors.size());
  }
  return counts;
}

Registry::Registry(std::vector<std::string> required_layers)
    : required_layers_(std::move(required_layers)),
      snapshot_(std::make_shared<const Snapshot>(std::vector<LiveLayer>(), /*complete=*/false)) {}

std::shared_ptr<const Snapshot> Registry::snapshot() const {
  MutexLock lock(mutex_);
  return snapshot_;
}

void Registry::Publish(std::shared_ptr<const Snapshot> snapshot) {
  {
    MutexLock lock(mutex_);
    snapshot_.swap(snapshot);  // the old one is destroyed outside the lock
  }
  NotifyListeners();
}

absl::Status Registry::readiness() const {
  if (draining()) return absl::UnavailableError("the server is draining");
  const std::shared_ptr<const Snapshot> latest = snapshot();
  if (!latest->complete()) return absl::UnavailableError("the server is starting");
  for (const std::string& name : required_layers_) {
    const absl::Status found = latest->Find(name, "").status();
    if (found.ok()) continue;
    return absl::UnavailableError(absl::StrCat("a required layer is missing: ", found.message()));
  }
  return absl::OkStatus();
}

void Registry::Drain() {
  {
    MutexLock lock(mutex_);
    draining_ = true;
  }
  NotifyListeners();
}

bool Registry::draining() const {
  MutexLock lock(mutex_);
  return draining_;
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
