// What was found by tuning, kept for layers to come.
#ifndef CONVOY_KERNEL_ENGINE_TUNING_STORE_H_
#define CONVOY_KERNEL_ENGINE_TUNING_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/engine/tuner.h"
#include "kernel/engine/workspace.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Implementations are thread-safe.
class TuningStore {
 public:
  virtual ~TuningStore() = default;
  virtual std::optional<std::vector<TunedLength>> Find(const std::string& key) const = 0;
  virtual void Keep(const std::string& key, const std::vector<TunedLength>& tuned) = 0;
};

// What `store` knows of the layer's tuning, where that is for these lengths;
// otherwise Tune's answer, which the store is told. `store` may be null.
// REQUIRES: `lengths` as TileLengths gives them.
//   Any status of Tune.
absl::StatusOr<std::vector<TunedLength>> FindOrTune(const layer::Conv1D& layer,
                                                    const std::vector<int64_t>& lengths,
                                                    const TuningOptions& options,
                                                    TuningStore* store, Workspace& workspace);

// Everything about a layer that its tuning depends on; not its weights' values.
std::string TuningKey(const layer::Conv1D& layer);

// Everything else: the processor's name, the instruction set that oneDNN may use,
// oneDNN's version, and the version of the tuner.
std::string TuningMachine();

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNING_STORE_H_
