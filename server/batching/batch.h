// Tasks that are executed together.
#ifndef CONVOY_SERVER_BATCHING_BATCH_H_
#define CONVOY_SERVER_BATCHING_BATCH_H_

#include <memory>
#include <vector>

#include "server/batching/entry.h"
#include "server/batching/layer_handle.h"

namespace convoy::batching {

// A batch is at most this long, so that other layers' tasks pass between.
inline constexpr double kLongestBatchSeconds = 2e-3;

// Of one layer, on their way from the queue to execution.
struct Batch {
  std::shared_ptr<LayerHandle> layer;
  std::vector<Entry*> entries;
  double seconds = 0;            // estimated, of `entries`
  std::vector<Entry*> hopeless;  // could not be done by their deadlines
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_BATCH_H_
