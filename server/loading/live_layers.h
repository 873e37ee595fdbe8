// What is live, as loading changes it.
#ifndef CONVOY_SERVER_LOADING_LIVE_LAYERS_H_
#define CONVOY_SERVER_LOADING_LIVE_LAYERS_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "kernel/base/mutex.h"
#include "server/loading/retired.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"

namespace convoy::loading {

// The registry's only writer: each change publishes a snapshot that has all changes
// before it. Requests under way finish on the versions that they started with; what
// leaves is freed by Sweep.
//
// Thread-safe. The registry must outlive it.
class LiveLayers {
 public:
  LiveLayers(registry::Registry& registry, metrics::Metrics& metrics)
      : registry_(registry), metrics_(metrics) {}

  // It takes the place of the layer of its name, if there is one. Publishes nothing if
  // that is the same.
  void Put(registry::LiveLayer layer);
  void Remove(const std::string& name);
  // The layer, which is removed, is shown as one that was unloaded, or is not any more.
  void SetUnloaded(const std::string& name, bool unloaded);

  // Puts `fresh` where `stale` is, and says whether that is still live. If not, what
  // is live now is newer, and nothing changes.
  // REQUIRES: both are the same version of the same layer.
  bool Replace(const registry::LiveVersion& stale,
               std::shared_ptr<const registry::LiveVersion> fresh);

  // Every layer that can be loaded at the start is there: the registry is ready.
  void Complete();

  // The newest live version of the layer; null if there is none.
  std::shared_ptr<const registry::LiveVersion> Newest(const std::string& name) const;

  // Frees what left and is not in use any more; returns how much is left to be freed.
  size_t Sweep() { return retired_.Sweep(); }

 private:
  void Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  registry::Registry& registry_;
  metrics::Metrics& metrics_;
  Retired retired_;

  // Held while a snapshot is published, so that they come in the order of the changes.
  mutable Mutex mutex_;
  absl::btree_map<std::string, registry::LiveLayer> layers_ ABSL_GUARDED_BY(mutex_);
  absl::btree_set<std::string> unloaded_ ABSL_GUARDED_BY(mutex_);
  bool complete_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LIVE_LAYERS_H_
