// A tile as one oneDNN primitive.
#ifndef CONVOY_KERNEL_ENGINE_TILE_ONEDNN_TILE_H_
#define CONVOY_KERNEL_ENGINE_TILE_ONEDNN_TILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kernel/engine/tile/bindings.h"
#include "kernel/engine/tile/compiled_tile.h"
#include "kernel/engine/tile/onednn.h"
#include "kernel/engine/tile/packed_weights.h"
#include "kernel/engine/tile/stated_primitive.h"
#include "kernel/engine/tile/statement.h"

namespace convoy::engine {

class OnednnTile : public CompiledTile {
 public:
  // For `shape` in the problem's own outputs (rows, where it is folded). Takes 0.3
  // to 11 ms.
  //   UNIMPLEMENTED     oneDNN offers no (further) implementation.
  //   INVALID_ARGUMENT  the statement does not suit the problem.
  static absl::StatusOr<std::unique_ptr<CompiledTile>> Create(std::shared_ptr<StatedProblem> stated,
                                                              const Statement& statement,
                                                              const TileShape& shape);

  absl::Status Run(const float* source, float* target, TileScratch& scratch) const override;
  int64_t source_frames() const override { return source_frames_; }
  size_t bytes() const override;
  std::string Describe() const override;

 private:
  OnednnTile(std::shared_ptr<StatedProblem> stated, const Statement& statement,
             const TileShape& shape, const StatedPrimitive& primitive);

  // `source` as bfloat16, at `target`.
  const void* Narrow(const float* source, std::byte* target) const;

  const std::shared_ptr<StatedProblem> stated_;
  const Statement statement_;
  const int64_t source_frames_;
  const dnnl::primitive_desc description_;
  const dnnl::primitive primitive_;
  const ArgumentFormats formats_;
  const size_t scratchpad_bytes_;  // in whole cache lines
  const size_t narrow_bytes_;      // of the narrowed source behind it; 0 without
  const std::shared_ptr<const dnnl::memory> weights_;
  const dnnl::memory bias_;  // over the problem's bias; empty without one
  mutable SpareBindings spares_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_ONEDNN_TILE_H_
