// What was found by tuning, kept for layers to come.
#ifndef CONVOY_KERNEL_ENGINE_TUNING_TUNING_STORE_H_
#define CONVOY_KERNEL_ENGINE_TUNING_TUNING_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/engine/tile/tile_scratch.h"
#include "kernel/engine/tile/timed_tile.h"
#include "kernel/engine/tuning/tuner.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Implementations are thread-safe.
class TuningStore {
 public:
  virtual ~TuningStore() = default;
  virtual std::optional<std::vector<TimedTile>> Find(const std::string& key) const = 0;
  virtual void Keep(const std::string& key, const std::vector<TimedTile>& tuning) = 0;
};

// What `store` knows of the layer, where that is a tuning for tiles up to `longest`;
// otherwise Tune's answer, which the store is told.
//   Any status of Tune.
absl::StatusOr<std::vector<TimedTile>> FindOrTune(TuningStore& store, const layer::Conv1D& layer,
                                                  int64_t longest, const TuningOptions& options,
                                                  TileScratch& scratch);

// Everything about a layer that its tuning depends on; not its weights' values.
std::string TuningKey(const layer::Conv1D& layer);

// Everything else: the machine and the version of the tuner.
std::string TuningMachine();

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNING_TUNING_STORE_H_
