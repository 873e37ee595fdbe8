// What is remembered of each layer, as long as the layer lives.
#ifndef CONVOY_SERVER_BATCHING_PER_LAYER_H_
#define CONVOY_SERVER_BATCHING_PER_LAYER_H_

#include <cstddef>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "server/batching/layer_handle.h"

namespace convoy::batching {

// A State for each layer, made when it is first asked for. States stay where they
// are; those of layers that are gone go when the next new layer comes. Not
// thread-safe.
template <typename State>
class PerLayer {
 public:
  State& Get(const std::shared_ptr<LayerHandle>& layer) {
    const auto found = slots_.find(layer.get());
    // Another layer may have lived at this address.
    if (found != slots_.end() && !found->second->layer.expired()) return found->second->state;
    absl::erase_if(slots_, [](const auto& slot) { return slot.second->layer.expired(); });
    auto slot = std::make_unique<Slot>();
    slot->layer = layer;
    return slots_.insert_or_assign(layer.get(), std::move(slot)).first->second->state;
  }

  // Null if it was never asked for.
  const State* Find(const LayerHandle& layer) const {
    const auto found = slots_.find(&layer);
    if (found == slots_.end() || found->second->layer.expired()) return nullptr;
    return &found->second->state;
  }

  size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    std::weak_ptr<LayerHandle> layer;
    State state;
  };

  absl::flat_hash_map<const LayerHandle*, std::unique_ptr<Slot>> slots_;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_PER_LAYER_H_
