// What was measured in this process, for equal layers to come.
#ifndef CONVOY_KERNEL_ENGINE_TUNING_TUNING_MEMORY_H_
#define CONVOY_KERNEL_ENGINE_TUNING_TUNING_MEMORY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "kernel/engine/tile/tile_scratch.h"
#include "kernel/engine/tile/timed_tile.h"
#include "kernel/engine/tuning/tuner.h"
#include "kernel/engine/tuning/tuning_store.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// In front of a store that outlives the process. What comes from there is checked
// before it is believed: statements that suit the layer, give the reference's numbers
// once, at costs that can be.
//
// Thread-safe. Two threads that ask for the same at a time both measure it. Holds a
// bounded number of layers, about a kilobyte each; beyond it all are forgotten.
class TuningMemory {
 public:
  // `store` may be null, and must outlive it.
  explicit TuningMemory(TuningStore* store = nullptr, size_t most_layers = 1024)
      : store_(store), most_layers_(most_layers) {}
  TuningMemory(const TuningMemory&) = delete;
  TuningMemory& operator=(const TuningMemory&) = delete;

  // What is known of such a layer's tuning. Nothing is timed, but what the store says
  // is checked when it is asked first.
  // REQUIRES: not NeedsDirect(layer).
  std::optional<std::vector<TimedTile>> Find(const layer::Conv1D& layer, Algorithm algorithm,
                                             TileScratch& scratch);

  // The same for options.algorithm and for the direct one; otherwise Tune's answer,
  // which is remembered, and told to the store.
  //   Any status of Tune.
  absl::StatusOr<Tunings> FindOrTune(const layer::Conv1D& layer, const TuningOptions& options,
                                     TileScratch& scratch);

  // The same for the cost of one tile. The store is not asked.
  //   Any status of TimeTile.
  absl::StatusOr<TimedTile> FindOrTime(const layer::Conv1D& layer, const TimedTile& tile,
                                       TileScratch& scratch);

 private:
  void KeepEverywhere(const std::string& key, const std::vector<TimedTile>& tuning);
  std::optional<std::vector<TimedTile>> Recall(const std::string& key) const;
  void Keep(const std::string& key, const std::vector<TimedTile>& tuning);

  TuningStore* const store_;
  const size_t most_layers_;

  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, std::vector<TimedTile>> tunings_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNING_TUNING_MEMORY_H_
