// A layer made ready to run on this machine.
#ifndef CONVOY_KERNEL_ENGINE_COMPILED_LAYER_H_
#define CONVOY_KERNEL_ENGINE_COMPILED_LAYER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/batch/packing.h"
#include "kernel/batch/request.h"
#include "kernel/engine/exact_shapes.h"
#include "kernel/engine/primitive_cache.h"
#include "kernel/engine/statement.h"
#include "kernel/engine/tile_costs.h"
#include "kernel/engine/tile_kernels.h"
#include "kernel/engine/tile_setup.h"
#include "kernel/engine/tuning_store.h"
#include "kernel/engine/workspace.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

struct CompileOptions {
  // Whether statements are timed on this machine; without, the default statement
  // and rough costs are used.
  bool tune = false;
  // Stop trying further statements after so long.
  double tuning_seconds = 0.2;
  // Asked before timing, told afterwards; may be null.
  TuningStore* store = nullptr;
  // The same bits for a request alone and in any batch, on any run of the server:
  // one statement and one tile length, which follow from the layer alone, and each
  // sequence in tiles of its own. Statements are not timed, only their cost is.
  bool deterministic = false;
  // Bounds the primitives of many layers together, and must outlive them; null: a
  // cache of the layer's own, without bound.
  PrimitiveCache* cache = nullptr;
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

  // Time of one request alone on one thread, by the tile costs.
  double EstimateSeconds(const layer::InputShape& shape) const;

  // Bytes of the answer to a request of this shape.
  int64_t OutputBytes(const layer::InputShape& shape) const;

  // Times one further statement for a shape that requests bring often, if there is
  // one and the options allow timing; later batches are planned with it. Takes
  // milliseconds: to be called between batches, by one thread or several. Returns
  // whether anything was timed.
  bool Improve(Workspace& workspace);

  // Whether Improve may find something to do. Costs nothing.
  bool WantsImprovement() const { return tunes_ && exact_.has_due(); }

  // The statement of each tile length and the exact shapes, for people.
  std::string Describe() const;

  // Whether equal requests have equal bits in any batch.
  bool deterministic() const { return deterministic_; }

  // Memory held beside the layer's own weights. An estimate.
  size_t bytes() const { return kernels_.bytes(); }

 private:
  CompiledLayer(std::shared_ptr<const layer::Conv1D> layer, const CompileOptions& options,
                TileSetup setup);

  // The three ways to run a request: packed with others, alone in parts where
  // its packed form would be large, and without a padded copy.
  absl::Status RunPacked(absl::Span<const batch::Input* const> inputs,
                         absl::Span<batch::Output> outputs, Workspace& workspace);
  absl::Status RunInParts(const batch::Input& input, batch::Output& output, Workspace& workspace);
  template <typename Real>
  void RunDirect(const batch::Input& input, batch::Output& output, Workspace& workspace) const;

  bool NeedsParts(const layer::InputShape& shape) const;
  absl::Status PlanTiles(Workspace& workspace);
  absl::Status RunTiles(absl::Span<const batch::Input* const> inputs, float* target,
                        Workspace& workspace) const;
  absl::Status RunTile(size_t index, const float* source, float* target,
                       Workspace& workspace) const;
  void CollectOutputs(absl::Span<const batch::Input* const> inputs, const batch::BufferRef& target,
                      absl::Span<batch::Output> outputs, Workspace& workspace) const;

  const std::shared_ptr<const layer::Conv1D> layer_;
  const bool finishes_;  // batch::NeedsFinish of the layer
  const bool tunes_;
  const bool deterministic_;
  const std::unique_ptr<PrimitiveCache> own_cache_;  // where no other was given
  TileKernels kernels_;
  const std::vector<Statement> statements_;  // by tile length
  const TileCosts costs_;
  ExactShapes exact_;
  std::string longest_;  // how oneDNN runs the longest tile, for people
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_COMPILED_LAYER_H_
