// Primitives that cannot be given back.
#ifndef CONVOY_KERNEL_ENGINE_TILE_KEPT_PRIMITIVES_H_
#define CONVOY_KERNEL_ENGINE_TILE_KEPT_PRIMITIVES_H_

#include "kernel/engine/tile/onednn.h"
#include "kernel/engine/tile/problem.h"
#include "kernel/engine/tile/statement.h"
#include "kernel/engine/tile/tile_shape.h"

namespace convoy::engine {

// The primitive of `description`, which states `problem` so.
//
// oneDNN (3.2; no more in 3.7) keeps the code of its "brg" convolutions for ever, and finds
// code that it has only where that has no address in it; it has one where the filters do
// not fill whole vectors. Each primitive of these then leaves 5 to 11 KB behind, and a
// layer that is replaced daily leaves dozens. So they are kept and used again: one for
// each problem, statement and shape, whatever the weights. Thread-safe; so is running
// the same primitive on several threads.
dnnl::primitive PrimitiveOf(const dnnl::primitive_desc& description, const Problem& problem,
                            const Statement& statement, const TileShape& shape);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_KEPT_PRIMITIVES_H_
