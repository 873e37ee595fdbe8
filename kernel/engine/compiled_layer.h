// A layer made ready to run on this machine.
#ifndef CONVOY_KERNEL_ENGINE_COMPILED_LAYER_H_
#define CONVOY_KERNEL_ENGINE_COMPILED_LAYER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/batch/input.h"
#include "kernel/batch/output.h"
#include "kernel/engine/direct_convolution.h"
#include "kernel/engine/packed_run.h"
#include "kernel/engine/plan/exact_shapes.h"
#include "kernel/engine/plan/tile_costs.h"
#include "kernel/engine/run_costs.h"
#include "kernel/engine/tile/block_counts.h"
#include "kernel/engine/tile/byte_budget.h"
#include "kernel/engine/tile/statement.h"
#include "kernel/engine/tile/tile_cache.h"
#include "kernel/engine/tile/timed_tile.h"
#include "kernel/engine/tuning/tuning_memory.h"
#include "kernel/engine/workspace.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

struct CompileOptions {
  // Whether statements are timed on this machine; without, the default statement
  // and rough costs are used.
  bool tune = false;
  // Stop trying further statements after so long.
  double tuning_seconds = 0.2;
  // Which statements may run. A deterministic layer is direct whatever it says.
  Algorithm algorithm = Algorithm::kAuto;
  // Asked before each measurement; see TuningOptions::pause.
  std::function<bool()> pause = nullptr;
  // Asked before timing, told afterwards; null: each layer is timed.
  TuningMemory* memory = nullptr;
  // The same bits for a request alone and in any batch, on any run of the server:
  // one statement and one tile length, which follow from the layer alone, and each
  // sequence in tiles of its own. Statements are not timed, only their cost is.
  bool deterministic = false;
  // Bounds the compiled tiles of many layers together, and must outlive them; null:
  // without bound.
  ByteBudget* budget = nullptr;
};

// Runs batches of requests of one layer: packs them, executes the tiles of the
// cheapest plan, applies the activation and says where each answer lies.
//
// Thread-safe: any number of threads run batches at the same time, each with
// its own workspace. Batching never changes an answer beyond rounding.
class CompiledLayer {
 public:
  // Times the statements of the convolution on the calling thread, if asked to,
  // and creates the primitive of the longest tile, so that what oneDNN cannot do
  // is known at load time.
  //   INTERNAL, UNIMPLEMENTED  oneDNN refused the layer; says why.
  //   CANCELLED                options.pause said so.
  //   RESOURCE_EXHAUSTED       out of memory.
  static absl::StatusOr<std::unique_ptr<CompiledLayer>> Create(
      std::shared_ptr<const layer::Conv1D> layer, const CompileOptions& options = {});

  const layer::Conv1D& layer() const { return *layer_; }

  // Runs `inputs` together. Iff OK, outputs[i] is the answer to inputs[i]; the
  // buffers come from the workspace's pool.
  // REQUIRES: both have the same size; every shape came from layer().CheckInput.
  //   RESOURCE_EXHAUSTED  out of memory.
  //   INTERNAL            oneDNN failed: a bug.
  absl::Status Run(absl::Span<const batch::Input* const> inputs, absl::Span<batch::Output> outputs,
                   Workspace& workspace);

  // Time of one request alone on one thread, by what was measured of its path.
  double EstimateSeconds(const layer::InputShape& shape) const;

  // Bytes of the answer to a request of this shape.
  int64_t OutputBytes(const layer::InputShape& shape) const;

  // Makes the tiles that `predecessor` keeps now, and takes over what is known of the
  // shapes that requests bring often if it is the same convolution: requests that come
  // here in its place then find all that they need. What cannot be made is made, or
  // refused, when it is needed.
  void PrepareFor(const CompiledLayer& predecessor);

  // The most that running such a request allocates at a time, beside its payload: its
  // packed copy, what the convolution gives, what the activation needs, the answer.
  // In blocks of the workspace's pool, rounded up to theirs, and in lists; not the
  // tiles, which the budget bounds, nor the scratch of the thread. For one request
  // alone; a batch takes at most the sum, and half of it more where its larger blocks
  // are rounded up by more than those of its requests.
  int64_t RunBytes(const layer::InputShape& shape) const;

  // Times one further statement for a shape that requests bring often, if there is
  // one and the options allow timing; later batches are planned with it. Takes
  // milliseconds: to be called between batches, by one thread or several. Returns
  // whether anything was timed, or tried to: where memory does not suffice, the shape
  // keeps its tiles.
  bool Improve(Workspace& workspace);

  // Whether Improve may find something to do. Costs nothing.
  bool WantsImprovement() const { return tunes_ && exact_.has_due(); }

  // The statement of each tile length and the exact shapes, for people; and how often
  // Toom-Cook blocks fell back.
  std::string Describe() const;

  // Of the tiles that ran Toom-Cook.
  const BlockCounts& block_counts() const { return tiles_.counts(); }

  // Whether equal requests have equal bits in any batch.
  bool deterministic() const { return deterministic_; }

  // Memory held beside the layer's own weights. An estimate.
  size_t bytes() const { return tiles_.bytes(); }

 private:
  // Both are tile sets; see PlanChoices.
  struct Tiles {
    std::vector<TimedTile> apart;
    std::vector<TimedTile> together;
  };
  static absl::Status Measure(const layer::Conv1D& layer, const CompileOptions& options,
                              Tiles& tiles);

  CompiledLayer(std::shared_ptr<const layer::Conv1D> layer, const CompileOptions& options,
                Tiles tiles);

  // How such tiles are stated; nothing where they are not the layer's.
  std::optional<Statement> StatementOf(const TileCache::Key& key) const;
  void MakeTilesOf(const CompiledLayer& predecessor);
  absl::Status RunBatch(absl::Span<const batch::Input* const> inputs,
                        absl::Span<batch::Output> outputs, Workspace& workspace);
  void ImproveFor(const TileShape& shape, Workspace& workspace);

  const std::shared_ptr<const layer::Conv1D> layer_;
  const bool tunes_;
  const bool deterministic_;
  const Algorithm algorithm_;
  const std::unique_ptr<ByteBudget> own_budget_;  // where no other was given
  TileCache tiles_;
  const TileCosts costs_;
  const TileCosts together_;
  ExactShapes exact_;
  const PackedLayer packed_;
  const DirectConvolution direct_;
  const RunCosts run_costs_;
  std::string longest_;  // how oneDNN runs the longest tile, for people
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_COMPILED_LAYER_H_
