// Times a compiled tile on made-up data, and checks its answer.
#ifndef CONVOY_KERNEL_ENGINE_TUNING_PROBE_H_
#define CONVOY_KERNEL_ENGINE_TUNING_PROBE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/engine/tile/compiled_tile.h"
#include "kernel/engine/tile/tile_scratch.h"
#include "kernel/engine/tile/tile_shape.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// The data for tiles of one shape, and what is right for some of their outputs.
// The source stays in the cache, as if just copied in; targets lie one after
// another through a larger memory, as those of a long signal do.
//
// Not thread-safe. The layer and the scratch must outlive it. Throws std::bad_alloc where
// it, or a tile that it runs, has no memory: that says nothing of the tile.
class Probe {
 public:
  // `most_targets`: how many of them, as far as memory is worth it; 1 is enough for
  // Passes.
  Probe(const layer::Conv1D& layer, const TileShape& shape, TileScratch& scratch,
        size_t most_targets = 64);

  // Seconds of each tile's fastest execution of a few, taken in turn so that all
  // meet the same moods of the machine; infinity for one that fails, or some of
  // whose outputs differ from sums in double by more than rounding.
  // REQUIRES: the tiles are of the probe's shape.
  std::vector<double> Time(const std::vector<const CompiledTile*>& tiles);

  // Whether the tile runs, and gives the right numbers. Runs it once.
  bool Passes(const CompiledTile& tile);

 private:
  void Prepare(int64_t source_frames);
  double Run(const CompiledTile& tile);
  bool IsRight() const;
  bool OutputIsRight(int64_t sequence, int64_t output, int64_t filter) const;

  const layer::Conv1D& layer_;
  const absl::Span<const float> bias_;
  const TileShape shape_;
  const int64_t pitch_;       // from one sequence to the next, in output positions
  const size_t target_size_;  // floats of one execution, and what it takes of targets_
  const size_t target_pitch_;
  TileScratch& scratch_;
  batch::BufferPool memory_{0};  // its blocks lie as a server's do; none is kept
  batch::BufferRef source_block_;
  absl::Span<float> source_;
  batch::BufferRef target_block_;
  absl::Span<float> targets_;
  size_t next_target_ = 0;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TUNING_PROBE_H_
