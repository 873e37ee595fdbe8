// A layer as the scheduler serves it.
#ifndef CONVOY_SERVER_BATCHING_LAYER_HANDLE_H_
#define CONVOY_SERVER_BATCHING_LAYER_HANDLE_H_

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "kernel/engine/compiled_layer.h"
#include "server/batching/batch_report.h"

namespace convoy::batching {

// How a layer's tasks become batches. A batch holds at least one task whatever
// its size.
struct BatchingOptions {
  // How long a task may wait for company while a worker is idle. A batch that has
  // reached a limit below, or whose tightest deadline needs it, starts earlier.
  std::chrono::microseconds max_queue_delay{0};
  int64_t max_batch_requests = std::numeric_limits<int64_t>::max();
  // Of payloads.
  int64_t max_batch_bytes = std::numeric_limits<int64_t>::max();
};

// Found in the registry and handed to Scheduler::Submit. It says how one layer
// version is run; what waits for it is the scheduler's.
//
// Thread-safe: immutable, as is what it points to for its users. While tasks wait
// or run the scheduler keeps it alive, so the registry may let go of it.
class LayerHandle {
 public:
  // `observer` may be null.
  LayerHandle(std::unique_ptr<engine::CompiledLayer> compiled,
              std::shared_ptr<BatchObserver> observer, BatchingOptions options = {})
      : compiled_(std::move(compiled)), observer_(std::move(observer)), options_(options) {}

  engine::CompiledLayer& compiled() const { return *compiled_; }
  BatchObserver* observer() const { return observer_.get(); }
  const BatchingOptions& options() const { return options_; }

 private:
  const std::unique_ptr<engine::CompiledLayer> compiled_;
  const std::shared_ptr<BatchObserver> observer_;
  const BatchingOptions options_;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_LAYER_HANDLE_H_
