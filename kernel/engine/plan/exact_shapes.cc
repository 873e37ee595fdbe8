#include "kernel/engine/plan/exact_shapes.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/batch/packing.h"

namespace convoy::engine {
namespace {

// More sequences than this gain nothing more, whatever their length.
constexpr int64_t kMostSequences = 64;
// Where the work takes longer, what calls and a few outputs to spare cost beside it
// is little, and others could not pass between its tiles: with parts of 2 ms in one
// call the 99th percentile of small requests beside them was half as long again.
constexpr double kLongSeconds = 1.5e-3;

// Seconds of the best plan with tiles alone.
double TileSeconds(const layer::Conv1D& layer, const TileCosts& costs, const TileCosts& together,
                   const TileShape& shape) {
  const int64_t pitch = batch::OutputPitch(layer.config().window, shape.outputs);
  const double apart = static_cast<double>(shape.sequences) * costs.Cover(shape.outputs);
  const double packed = together.Cover((shape.sequences - 1) * pitch + shape.outputs);
  return std::min(apart, packed);
}

}  // namespace

ExactShapes::ExactShapes(const layer::Conv1D& layer, const TileCosts& costs,
                         const TileCosts& together)
    : layer_(layer), costs_(costs), together_(together), table_(std::make_shared<ExactTable>()) {}

std::shared_ptr<const ExactTable> ExactShapes::Note(const batch::Packing& packing) {
  MutexLock lock(mutex_);
  int64_t outputs = 0;  // of the neighbours seen last
  int64_t sequences = 0;
  for (const batch::Placement& placement : packing.placements()) {
    if (placement.sequences == 0 || placement.frames.output == 0) continue;
    if (placement.frames.output != outputs) {
      if (sequences > 0) Count(outputs, sequences);
      outputs = placement.frames.output;
      sequences = 0;
    }
    sequences += placement.sequences;
  }
  if (sequences > 0) Count(outputs, sequences);
  return table_;
}

void ExactShapes::Count(int64_t outputs, int64_t sequences) {
  if (seen_.size() >= kMostLengths && !seen_.contains(outputs)) Age();
  Seen& seen = seen_[outputs];
  seen.most_sequences = std::max(seen.most_sequences, std::min(sequences, kMostSequences));
  if (seen.count < 2 * kOften) ++seen.count;
  const bool due = seen.count >= kOften && seen.next_sequences <= seen.most_sequences;
  if (due && std::find(often_.begin(), often_.end(), outputs) == often_.end()) {
    often_.push_back(outputs);
    has_due_.store(true, std::memory_order_relaxed);
  }
}

std::optional<TileShape> ExactShapes::TakeDue() {
  MutexLock lock(mutex_);
  std::optional<TileShape> due;
  while (!often_.empty() && !due.has_value()) {
    const int64_t outputs = often_.back();
    const auto seen = seen_.find(outputs);
    if (seen != seen_.end() && seen->second.next_sequences <= seen->second.most_sequences) {
      const TileShape shape{seen->second.next_sequences, outputs};
      seen->second.next_sequences *= 2;
      if (IsPromising(shape)) due = shape;
    }
    const bool more =
        seen != seen_.end() && seen->second.next_sequences <= seen->second.most_sequences;
    if (!more) often_.pop_back();
  }
  has_due_.store(!often_.empty(), std::memory_order_relaxed);
  return due;
}

bool ExactShapes::IsPromising(const TileShape& shape) const {
  const int64_t pitch = batch::OutputPitch(layer_.config().window, shape.outputs);
  // Sequences without straddling windows between them are one longer sequence.
  if (shape.sequences > 1 && pitch == shape.outputs) return false;
  const double seconds = static_cast<double>(shape.sequences) * costs_.Cover(shape.outputs);
  if (seconds > kLongSeconds) return false;
  const std::vector<TimedTile>& tiles = costs_.tiles();
  return std::none_of(tiles.begin(), tiles.end(),
                      [&](const TimedTile& tile) { return tile.shape == shape; });
}

void ExactShapes::Keep(const TimedTile& timed) {
  if (timed.seconds >= kClearlyFaster * TileSeconds(layer_, costs_, together_, timed.shape)) return;
  MutexLock lock(mutex_);
  auto table = std::make_shared<ExactTable>(*table_);
  std::vector<TimedTile>& shapes = (*table)[timed.shape.outputs];
  std::erase_if(shapes, [&](const TimedTile& other) { return other.shape == timed.shape; });
  const auto after = std::find_if(shapes.begin(), shapes.end(), [&](const TimedTile& other) {
    return other.shape.sequences > timed.shape.sequences;
  });
  shapes.insert(after, timed);
  table_ = std::move(table);
}

void ExactShapes::Age() {
  auto table = std::make_shared<ExactTable>(*table_);
  absl::erase_if(seen_, [&](auto& entry) {
    entry.second.count /= 2;
    if (entry.second.count == 0) table->erase(entry.first);
    return entry.second.count == 0;
  });
  // All come often: whatever is forgotten will soon be back.
  if (seen_.size() >= kMostLengths) {
    seen_.clear();
    table->clear();
  }
  table_ = std::move(table);
}

void ExactShapes::Adopt(const ExactShapes& other) {
  absl::flat_hash_map<int64_t, Seen> seen;
  std::vector<int64_t> often;
  std::shared_ptr<const ExactTable> table;
  {
    MutexLock lock(other.mutex_);
    seen = other.seen_;
    often = other.often_;
    table = other.table_;
  }
  has_due_.store(!often.empty(), std::memory_order_relaxed);
  MutexLock lock(mutex_);
  seen_ = std::move(seen);
  often_ = std::move(often);
  table_ = std::move(table);
}

std::shared_ptr<const ExactTable> ExactShapes::table() const {
  MutexLock lock(mutex_);
  return table_;
}

std::string ExactShapes::Describe() const {
  const std::shared_ptr<const ExactTable> table = this->table();
  const std::map<int64_t, std::vector<TimedTile>> ascending(table->begin(), table->end());
  std::string text;
  for (const auto& [outputs, shapes] : ascending) {
    for (const TimedTile& each : shapes) {
      absl::StrAppend(&text, "; exact ", each.shape.sequences, " x ", outputs, ": ",
                      ToString(each.statement));
    }
  }
  return text;
}

}  // namespace convoy::engine
