// One run of a batch that is packed into one buffer.
#ifndef CONVOY_KERNEL_ENGINE_PACKED_RUN_H_
#define CONVOY_KERNEL_ENGINE_PACKED_RUN_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "kernel/batch/packing.h"
#include "kernel/batch/pooled_buffer.h"
#include "kernel/batch/source_writer.h"
#include "kernel/engine/plan/exact_shapes.h"
#include "kernel/engine/plan/plan.h"
#include "kernel/engine/plan/tile_costs.h"
#include "kernel/engine/tile/compiled_tile.h"
#include "kernel/engine/tile/tile_cache.h"
#include "kernel/engine/workspace.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// What the packed runs of one layer share; all of it must outlive them.
struct PackedLayer {
  const layer::Conv1D& layer;
  TileCache& tiles;
  const TileCosts& costs;        // see PlanChoices
  const TileCosts& together;     // of several sequences
  ExactShapes* exact = nullptr;  // null: none are used
  bool apart = false;            // see PlanChoices
};

// Packs, plans, executes the plan's tiles and says where each answer lies. Each step
// is given what the one before it made.
//
// Not thread-safe; runs of one layer may go on at the same time, each with its own
// workspace.
class PackedRun {
 public:
  PackedRun(const PackedLayer& packed, Workspace& workspace);

  // Iff OK, *outputs[i] is the answer to inputs[i]; buffers come from the
  // workspace's pool. Throws std::bad_alloc.
  // REQUIRES: both have the same size.
  //   INTERNAL  oneDNN failed: a bug.
  absl::Status Run(absl::Span<const batch::Input* const> inputs,
                   absl::Span<batch::Output* const> outputs);

  // The most that a run of such a request alone allocates, beside its payload; where
  // several run together, no more than the sum of theirs.
  static int64_t Bytes(const PackedLayer& packed, const layer::InputShape& shape);

  // What Run leaves before batch::Finish: `results`, (frames, F), in which each
  // sequence's output frames begin at one of `targets`.
  struct Convolved {
    batch::BufferRef results;  // empty where there is nothing to compute
    absl::Span<const int64_t> targets;
  };
  // The convolutions alone, with the bias as CompiledTile adds it, and the
  // activation unless batch::NeedsFinish. The targets are valid until the next run in
  // this workspace. Throws and fails as Run.
  absl::StatusOr<Convolved> Convolve(absl::Span<const batch::Input* const> inputs);
  // As Bytes, for Convolve.
  static int64_t ConvolveBytes(const PackedLayer& packed, const layer::InputShape& shape);

 private:
  using Tiles = absl::Span<const std::shared_ptr<const CompiledTile>>;

  // The frames that tiles read: the payload itself, where it lies as they want it, or
  // a packed copy that is written just ahead of them.
  struct Source {
    const float* floats = nullptr;
    batch::BufferRef copy;
    std::optional<batch::SourceWriter> writer;
  };

  const batch::Packing& Pack(absl::Span<const batch::Input* const> inputs);
  const Plan& MakePlan(const batch::Packing& packing);
  absl::StatusOr<Tiles> FindTiles(const Plan& plan);
  Source MakeSource(absl::Span<const batch::Input* const> inputs, const batch::Packing& packing,
                    int64_t frames);
  absl::Status RunTiles(const Plan& plan, Tiles tiles, Source& source, float* target);
  batch::Output Collect(const batch::Input& input, const batch::Placement& placement,
                        absl::Span<const int64_t> targets, const batch::BufferRef& target);

  // One past the last source frame that the tile reads.
  int64_t SourceEnd(const Tile& tile, const CompiledTile& compiled) const;

  const PackedLayer& packed_;
  const layer::Conv1D& layer_;
  Workspace& workspace_;
  const bool finishes_;  // batch::NeedsFinish of the layer
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_PACKED_RUN_H_
