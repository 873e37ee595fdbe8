#include "server/loading/live_layers.h"

#include <algorithm>
#include <utility>

namespace convoy::loading {

using registry::LiveLayer;
using registry::LiveVersion;

void LiveLayers::Put(std::vector<LiveLayer> layers) {
  MutexLock lock(mutex_);
  for (LiveLayer& layer : layers) {
    std::string name = layer.name;
    layers_.insert_or_assign(std::move(name), std::move(layer));
  }
  Publish();
}

bool LiveLayers::Replace(const LiveVersion& stale, std::shared_ptr<const LiveVersion> fresh) {
  MutexLock lock(mutex_);
  const auto layer = layers_.find(stale.name);
  if (layer == layers_.end()) return false;
  std::vector<std::shared_ptr<const LiveVersion>>& versions = layer->second.versions;
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const auto& version) { return version.get() == &stale; });
  if (found == versions.end()) return false;
  *found = std::move(fresh);
  Publish();
  return true;
}

void LiveLayers::Publish() {
  std::vector<LiveLayer> layers;
  layers.reserve(layers_.size());
  for (const auto& [name, layer] : layers_) layers.push_back(layer);
  registry_.Publish(std::make_shared<const registry::Snapshot>(std::move(layers)));
}

}  // namespace convoy::loading
