// Parts of tasks that are executed together.
#ifndef CONVOY_SERVER_BATCHING_BATCH_H_
#define CONVOY_SERVER_BATCHING_BATCH_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "server/batching/entry.h"
#include "server/batching/layer_handle.h"

namespace convoy::batching {

// A batch is at most this long, so that others' tasks pass between.
inline constexpr double kLongestBatchSeconds = 2e-3;

// Of one layer, on its way from the queue to execution.
struct Batch {
  struct Part {
    Entry* entry;
    size_t index;  // of its parts
  };

  std::shared_ptr<LayerHandle> layer;  // null when there is no batch
  Tenant* tenant = nullptr;            // whose tasks they are
  std::vector<Part> parts;
  double seconds = 0;  // estimated, of `parts`
  // What was put to the layer's account for it.
  double charged_seconds = 0;
  // Tasks that are not computed (any further) and wait for nothing: to be called
  // back with their `failure`.
  std::vector<Entry*> dropped;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_BATCH_H_
