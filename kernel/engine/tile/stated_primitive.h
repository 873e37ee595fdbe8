// The oneDNN primitive that a statement means.
#ifndef CONVOY_KERNEL_ENGINE_TILE_STATED_PRIMITIVE_H_
#define CONVOY_KERNEL_ENGINE_TILE_STATED_PRIMITIVE_H_

#include "absl/status/statusor.h"
#include "kernel/engine/tile/onednn.h"
#include "kernel/engine/tile/problem.h"
#include "kernel/engine/tile/statement.h"
#include "kernel/engine/tile/tile_shape.h"

namespace convoy::engine {

struct StatedPrimitive {
  dnnl::primitive_desc description;
  // How the problem's kernel lies in memory, in the words of this primitive.
  dnnl::memory::desc plain_weights;
};

// Source and target are packed frames of float32 (of bfloat16 the source, where
// the statement says so), the weights in the format that the implementation likes
// best, the scratchpad the caller's. Throws dnnl::error.
//   UNIMPLEMENTED     oneDNN offers no (further) implementation.
//   INVALID_ARGUMENT  a matmul of a problem whose windows overlap (IsMatmul).
absl::StatusOr<StatedPrimitive> DescribePrimitive(const Problem& problem,
                                                  const Statement& statement,
                                                  const TileShape& shape);

// Input frames that the primitive reads.
int64_t SourceFrames(const ProblemSize& size, const TileShape& shape);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_STATED_PRIMITIVE_H_
