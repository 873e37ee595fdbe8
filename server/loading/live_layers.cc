#include "server/loading/live_layers.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace convoy::loading {

using registry::LiveLayer;
using registry::LiveVersion;

void LiveLayers::Put(LiveLayer layer) {
  MutexLock lock(mutex_);
  layer.metrics = metrics_.ForLayer(layer.name);
  LiveLayer& place = layers_[layer.name];
  if (place == layer) return;
  for (const auto& version : place.versions) {
    const auto& stays = layer.versions;
    if (std::find(stays.begin(), stays.end(), version) == stays.end()) retired_.Add(version);
  }
  place = std::move(layer);
  Publish();
}

void LiveLayers::Remove(const std::string& name) {
  MutexLock lock(mutex_);
  const auto layer = layers_.find(name);
  if (layer == layers_.end()) return;
  for (const auto& version : layer->second.versions) retired_.Add(version);
  layers_.erase(layer);
  Publish();
}

void LiveLayers::SetUnloaded(const std::string& name, bool unloaded) {
  MutexLock lock(mutex_);
  const size_t known = unloaded_.size();
  if (unloaded) {
    unloaded_.insert(name);
  } else {
    unloaded_.erase(name);
  }
  const auto layer = layers_.find(name);
  const bool removed = unloaded && layer != layers_.end();
  if (removed) {
    for (const auto& version : layer->second.versions) retired_.Add(version);
    layers_.erase(layer);
  }
  if (removed || unloaded_.size() != known) Publish();
}

bool LiveLayers::Replace(const LiveVersion& stale, std::shared_ptr<const LiveVersion> fresh) {
  MutexLock lock(mutex_);
  const auto layer = layers_.find(stale.name);
  if (layer == layers_.end()) return false;
  std::vector<std::shared_ptr<const LiveVersion>>& versions = layer->second.versions;
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const auto& version) { return version.get() == &stale; });
  if (found == versions.end()) return false;
  retired_.Add(std::exchange(*found, std::move(fresh)));
  Publish();
  return true;
}

void LiveLayers::Complete() {
  MutexLock lock(mutex_);
  complete_ = true;
  Publish();
}

std::shared_ptr<const LiveVersion> LiveLayers::Newest(const std::string& name) const {
  MutexLock lock(mutex_);
  const auto layer = layers_.find(name);
  if (layer == layers_.end() || layer->second.versions.empty()) return nullptr;
  return layer->second.versions.front();
}

void LiveLayers::Publish() {
  std::vector<LiveLayer> layers;
  layers.reserve(layers_.size());
  for (const auto& [name, layer] : layers_) layers.push_back(layer);
  retired_.Add(registry_.snapshot());
  registry_.Publish(std::make_shared<const registry::Snapshot>(
      std::move(layers), complete_, std::vector<std::string>(unloaded_.begin(), unloaded_.end())));
}

}  // namespace convoy::loading
