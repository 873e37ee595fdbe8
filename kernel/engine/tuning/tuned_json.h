// Timed tiles as JSON: what a tuning file holds of a layer.
#ifndef CONVOY_KERNEL_ENGINE_TUNING_TUNED_JSON_H_
#define CONVOY_KERNEL_ENGINE_TUNING_TUNED_JSON_H_

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/engine/tile/timed_tile.h"

namespace convoy::engine {

// A list of flat objects, every field of a TimedTile by its own name:
//   [{"outputs": 64, "fold": 4, ..., "seconds": 2.5e-4}, ...]
// Tiles of a tuning are of one sequence, which is not said.
nlohmann::ordered_json TuningToJson(const std::vector<TimedTile>& tuning);

// The same back. What the numbers say is not checked.
//   INVALID_ARGUMENT  not such a list; a field is missing, of another type, or out
//                     of its type's range.
absl::StatusOr<std::vector<TimedTile>> TuningFromJson(const nlohmann::ordered_json& json);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNING_TUNED_JSON_H_
