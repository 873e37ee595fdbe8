// A layer as the scheduler serves it.
#ifndef CONVOY_SERVER_BATCHING_LAYER_HANDLE_H_
#define CONVOY_SERVER_BATCHING_LAYER_HANDLE_H_

#include <memory>
#include <utility>

#include "kernel/engine/compiled_layer.h"
#include "server/batching/batch_report.h"
#include "server/batching/batching_overrides.h"

namespace convoy::batching {

// Found in the registry and handed to Scheduler::Submit. It says how one layer
// version is run; what waits for it is the scheduler's.
//
// Thread-safe: immutable, as is what it points to for its users, but for what is said of
// the layer's batches while the server runs. While tasks wait or run the scheduler keeps
// it alive, so the registry may let go of it.
class LayerHandle {
 public:
  // `observer` may be null; so may `overrides`, the layer's: then `options` is all.
  LayerHandle(std::unique_ptr<engine::CompiledLayer> compiled,
              std::shared_ptr<BatchObserver> observer, BatchingOptions options = {},
              std::shared_ptr<const BatchingOverrides> overrides = nullptr)
      : compiled_(std::move(compiled)),
        observer_(std::move(observer)),
        options_(options),
        overrides_(std::move(overrides)) {}

  engine::CompiledLayer& compiled() const { return *compiled_; }
  BatchObserver* observer() const { return observer_.get(); }
  // In force now.
  BatchingOptions options() const {
    return overrides_ == nullptr ? options_ : overrides_->Over(options_);
  }

 private:
  const std::unique_ptr<engine::CompiledLayer> compiled_;
  const std::shared_ptr<BatchObserver> observer_;
  const BatchingOptions options_;
  const std::shared_ptr<const BatchingOverrides> overrides_;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_LAYER_HANDLE_H_
