#include "kernel/engine/tuning/tuning_memory.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/tuning/tile_set.h"
#include "kernel/engine/tuning/tuning_check.h"

namespace convoy::engine {

std::optional<std::vector<TimedTile>> TuningMemory::Find(const layer::Conv1D& layer,
                                                         Algorithm algorithm,
                                                         TileScratch& scratch) {
  const std::string key = TuningKey(layer, algorithm);
  auto known = Recall(key);
  if (known.has_value() || store_ == nullptr) return known;
  auto stored = store_->Find(key);
  if (!stored.has_value() || !IsTuningOf(layer, *stored, scratch, algorithm)) return std::nullopt;
  Keep(key, *stored);
  return stored;
}

absl::StatusOr<Tunings> TuningMemory::FindOrTune(const layer::Conv1D& layer,
                                                 const TuningOptions& options,
                                                 TileScratch& scratch) {
  auto direct = Find(layer, Algorithm::kDirect, scratch);
  if (direct.has_value()) {
    auto best = Find(layer, options.algorithm, scratch);
    if (best.has_value()) return Tunings{*std::move(best), *std::move(direct)};
  }
  const int64_t longest = EstimatedTiles(layer).back().shape.outputs;
  CONVOY_ASSIGN_OR_RETURN(Tunings tuned, Tune(layer, longest, options, scratch));
  const std::string direct_key = TuningKey(layer, Algorithm::kDirect);
  KeepEverywhere(direct_key, tuned.direct);
  const std::string key = TuningKey(layer, options.algorithm);
  if (key != direct_key) KeepEverywhere(key, tuned.best);
  return tuned;
}

void TuningMemory::KeepEverywhere(const std::string& key, const std::vector<TimedTile>& tuning) {
  Keep(key, tuning);
  if (store_ != nullptr) store_->Keep(key, tuning);
}

absl::StatusOr<TimedTile> TuningMemory::FindOrTime(const layer::Conv1D& layer,
                                                   const TimedTile& tile, TileScratch& scratch) {
  const std::string key =
      absl::StrCat(TuningKey(layer, Algorithm::kDirect), " outputs=", tile.shape.outputs, " ",
                   ToString(tile.statement));
  const auto known = Recall(key);
  if (known.has_value()) return known->front();
  CONVOY_ASSIGN_OR_RETURN(const TimedTile timed, TimeTile(layer, tile, scratch));
  Keep(key, {timed});
  return timed;
}

std::optional<std::vector<TimedTile>> TuningMemory::Recall(const std::string& key) const {
  MutexLock lock(mutex_);
  const auto found = tunings_.find(key);
  if (found == tunings_.end()) return std::nullopt;
  return found->second;
}

void TuningMemory::Keep(const std::string& key, const std::vector<TimedTile>& tuning) {
  MutexLock lock(mutex_);
  if (tunings_.size() >= most_layers_) tunings_.clear();
  tunings_[key] = tuning;
}

}  // namespace convoy::engine
