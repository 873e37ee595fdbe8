// Shapes that requests bring so often that they deserve a primitive of their own.
#ifndef CONVOY_KERNEL_ENGINE_EXACT_SHAPES_H_
#define CONVOY_KERNEL_ENGINE_EXACT_SHAPES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "kernel/base/mutex.h"
#include "kernel/engine/statement.h"
#include "kernel/engine/tile_costs.h"
#include "kernel/engine/tile_shape.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// A dense problem whose primitive was timed.
struct ExactShape {
  TileShape shape;
  Statement statement;
  double seconds = 0;  // of one execution
};

// The timed shapes of each number of outputs, those with fewer sequences first.
using ExactTable = absl::flat_hash_map<int64_t, std::vector<ExactShape>>;

// Neighbouring sequences of a batch with equal outputs.
struct EqualRun {
  int64_t outputs = 0;
  int64_t sequences = 0;
};

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

  ExactShapes(const layer::Conv1D& layer, const TileCosts& costs);

  // Counts the runs of a batch; returns what is known for planning it. The table
  // does not change any more.
  std::shared_ptr<const ExactTable> Note(absl::Span<const EqualRun> runs);

  // A shape that is due to be timed, once: the caller times it and keeps the
  // result, or forgets about it.
  std::optional<TileShape> TakeDue();

  // Whether there may be such a shape. Costs nothing.
  bool has_due() const { return has_due_.load(std::memory_order_relaxed); }

  // Adds what was timed. Where it is no cheaper than the tiles, the tiles stay.
  void Keep(const ExactShape& timed);

  std::shared_ptr<const ExactTable> table() const;

  // The table for people: "; exact 4 x 39: 1-D", ascending; empty without any.
  std::string Describe() const;

 private:
  struct Seen {
    int count = 0;
    int64_t most_sequences = 0;
    int64_t next_sequences = 1;  // to be timed next: 1, 2, 4, ...
  };

  // Whether a primitive of this shape may gain more than the noise of a timing.
  bool IsPromising(const TileShape& shape) const;
  // Makes room: halves all counts and forgets the lengths that are left with none.
  void Age() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const layer::Conv1D& layer_;
  const TileCosts& costs_;

  std::atomic<bool> has_due_ = false;

  mutable Mutex mutex_;
  absl::flat_hash_map<int64_t, Seen> seen_ ABSL_GUARDED_BY(mutex_);  // by outputs
  std::vector<int64_t> often_ ABSL_GUARDED_BY(mutex_);  // with shapes still to be timed
  std::shared_ptr<const ExactTable> table_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_EXACT_SHAPES_H_
