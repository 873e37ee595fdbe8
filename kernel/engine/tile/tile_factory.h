// Compiles the tiles of one layer, in any statement.
#ifndef CONVOY_KERNEL_ENGINE_TILE_TILE_FACTORY_H_
#define CONVOY_KERNEL_ENGINE_TILE_TILE_FACTORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "absl/status/statusor.h"
#include "kernel/base/mutex.h"
#include "kernel/engine/tile/block_counts.h"
#include "kernel/engine/tile/compiled_tile.h"
#include "kernel/engine/tile/packed_weights.h"
#include "kernel/engine/tile/statement.h"
#include "kernel/engine/tile/tile_shape.h"
#include "kernel/engine/tile/toom_weights.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// Tiles share the weights in every form that one of them needs; a form lives as
// long as a tile that uses it.
//
// Thread-safe. The layer must outlive it and its tiles; it must outlive its tiles.
class TileFactory {
 public:
  explicit TileFactory(const layer::Conv1D& layer) : layer_(layer) {}

  const layer::Conv1D& layer() const { return layer_; }

  // A tile of `shape`. Takes 0.3 to 11 ms.
  //   UNIMPLEMENTED     oneDNN offers no such implementation.
  //   INVALID_ARGUMENT  the outputs are not a multiple of the fold, several
  //                     sequences are to be folded, or the statement does not
  //                     suit the layer, its weights or the shape.
  absl::StatusOr<std::unique_ptr<CompiledTile>> Create(const Statement& statement,
                                                       const TileShape& shape);

  // Of all Toom-Cook tiles made here.
  const BlockCounts& counts() const { return counts_; }

  // Memory of the weights in all forms, the layer's own not counted.
  size_t bytes() const;

 private:
  std::shared_ptr<StatedProblem> StatedFor(int fold);
  // Null where the weights do not suit.
  std::shared_ptr<const ToomWeights> ToomWeightsFor(int points);
  absl::StatusOr<std::unique_ptr<CompiledTile>> CreateToom(const Statement& statement,
                                                           const TileShape& shape);
  absl::StatusOr<std::unique_ptr<CompiledTile>> CreateBfloat16(const Statement& statement,
                                                               const TileShape& shape);
  absl::StatusOr<std::unique_ptr<CompiledTile>> CreateFolded(const Statement& statement,
                                                             const TileShape& shape);

  const layer::Conv1D& layer_;

  mutable Mutex mutex_;
  std::map<int, std::weak_ptr<StatedProblem>> stated_ ABSL_GUARDED_BY(mutex_);  // by fold
  // By the number of points.
  std::map<int, std::weak_ptr<const ToomWeights>> toom_ ABSL_GUARDED_BY(mutex_);
  std::set<int> unsuited_ ABSL_GUARDED_BY(mutex_);  // points that do not suit the weights
  BlockCounts counts_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_TILE_FACTORY_H_
