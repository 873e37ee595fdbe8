// What is live, as loading changes it.
#ifndef CONVOY_SERVER_LOADING_LIVE_LAYERS_H_
#define CONVOY_SERVER_LOADING_LIVE_LAYERS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "kernel/base/mutex.h"
#include "server/registry/registry.h"

namespace convoy::loading {

// The registry's only writer: each change publishes a snapshot that has all changes
// before it. Requests under way finish on the versions that they started with.
//
// Thread-safe. The registry must outlive it.
class LiveLayers {
 public:
  explicit LiveLayers(registry::Registry& registry) : registry_(registry) {}

  // Each takes the place of the layer of its name, if there is one.
  void Put(std::vector<registry::LiveLayer> layers);

  // Puts `fresh` where `stale` is, and says whether that is still live. If not, what
  // is live now is newer, and nothing changes.
  // REQUIRES: both are the same version of the same layer.
  bool Replace(const registry::LiveVersion& stale,
               std::shared_ptr<const registry::LiveVersion> fresh);

 private:
  void Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  registry::Registry& registry_;

  // Held while a snapshot is published, so that they come in the order of the changes.
  Mutex mutex_;
  absl::btree_map<std::string, registry::LiveLayer> layers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LIVE_LAYERS_H_
