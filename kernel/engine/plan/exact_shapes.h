// Shapes that requests bring so often that they deserve a primitive of their own.
#ifndef CONVOY_KERNEL_ENGINE_PLAN_EXACT_SHAPES_H_
#define CONVOY_KERNEL_ENGINE_PLAN_EXACT_SHAPES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "kernel/base/mutex.h"
#include "kernel/batch/packing.h"
#include "kernel/engine/plan/tile_costs.h"
#include "kernel/engine/tile/tile_shape.h"
#include "kernel/engine/tile/timed_tile.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// The timed tiles of each number of outputs, those with fewer sequences first.
using ExactTable = absl::flat_hash_map<int64_t, std::vector<TimedTile>>;

// Tiles of set lengths cover any sequence, with calls and outputs to spare. Where
// the same length comes again and again, the exact (n, T) problem is cheaper: this
// class counts what comes and says what is worth timing. It holds a bounded number
// of lengths: those that come seldom are forgotten, with what was timed for them.
//
// Thread-safe. The layer and the costs must outlive it.
class ExactShapes {
 public:
  // Lengths remembered at a time, and how often one must come to be timed.
  static constexpr size_t kMostLengths = 256;
  static constexpr int kOften = 16;

  ExactShapes(const layer::Conv1D& layer, const TileCosts& costs, const TileCosts& together);

  // Counts the lengths of a batch; returns what is known for planning it. The table
  // does not change any more.
  std::shared_ptr<const ExactTable> Note(const batch::Packing& packing);

  // A shape that is due to be timed, once: the caller times it and keeps the
  // result, or forgets about it.
  std::optional<TileShape> TakeDue();

  // Whether there may be such a shape. Costs nothing.
  bool has_due() const { return has_due_.load(std::memory_order_relaxed); }

  // Adds what was timed. Where it is no cheaper than the tiles, the tiles stay.
  void Keep(const TimedTile& timed);

  // Takes over all that `other` knows.
  // REQUIRES: it is of the same convolution on the same machine.
  void Adopt(const ExactShapes& other);

  std::shared_ptr<const ExactTable> table() const;

  // The table for people: "; exact 4 x 39: 1-D", ascending; empty without any.
  std::string Describe() const;

 private:
  struct Seen {
    int count = 0;
    int64_t most_sequences = 0;
    int64_t next_sequences = 1;  // to be timed next: 1, 2, 4, ...
  };

  // Counts `sequences` neighbours with equal outputs.
  void Count(int64_t outputs, int64_t sequences) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether a primitive of this shape may gain more than the noise of a timing.
  bool IsPromising(const TileShape& shape) const;
  // Makes room: halves all counts and forgets the lengths that are left with none.
  void Age() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const layer::Conv1D& layer_;
  const TileCosts& costs_;
  const TileCosts& together_;

  std::atomic<bool> has_due_ = false;

  mutable Mutex mutex_;
  absl::flat_hash_map<int64_t, Seen> seen_ ABSL_GUARDED_BY(mutex_);  // by outputs
  std::vector<int64_t> often_ ABSL_GUARDED_BY(mutex_);  // with shapes still to be timed
  std::shared_ptr<const ExactTable> table_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_PLAN_EXACT_SHAPES_H_
