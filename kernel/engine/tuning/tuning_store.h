// What was found by tuning, kept for processes to come.
#ifndef CONVOY_KERNEL_ENGINE_TUNING_TUNING_STORE_H_
#define CONVOY_KERNEL_ENGINE_TUNING_TUNING_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "kernel/engine/tile/statement.h"
#include "kernel/engine/tile/timed_tile.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Implementations are thread-safe.
class TuningStore {
 public:
  virtual ~TuningStore() = default;
  virtual std::optional<std::vector<TimedTile>> Find(const std::string& key) const = 0;
  virtual void Keep(const std::string& key, const std::vector<TimedTile>& tuning) = 0;
};

// Everything about a layer that its tuning depends on; of its weights' values no more
// than whether they suit Toom-Cook, as far as some of the filters say. Where not, the
// algorithm makes no difference.
std::string TuningKey(const layer::Conv1D& layer, Algorithm algorithm = Algorithm::kAuto);

// Everything else: the machine and the version of the tuner.
std::string TuningMachine();

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNING_TUNING_STORE_H_
