// One exact way to compute a tile: a fixed number of consecutive output frames.
#ifndef CONVOY_KERNEL_ENGINE_TILE_COMPILED_TILE_H_
#define CONVOY_KERNEL_ENGINE_TILE_COMPILED_TILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "kernel/engine/tile/tile_scratch.h"
#include "kernel/engine/tile/tile_shape.h"

namespace convoy::engine {

// The convolution and the bias of one layer for the output frames of a TileShape,
// without padding (it lies in the source as zeros) and without the activation.
//
// Thread-safe: threads share it, each with its own scratch. It keeps the packed
// weights alive that it uses; the layer must outlive it.
class CompiledTile {
 public:
  virtual ~CompiledTile() = default;

  // Reads source_frames() frames (of C floats) at `source` and writes
  // shape().frames() frames (of F floats) at `target`.
  virtual absl::Status Run(const float* source, float* target, TileScratch& scratch) const = 0;

  // The same where nobody wants more than the first `wanted` output frames: what the
  // others read, which may be another caller's, does not change these, not even what
  // they are rounded to. The others may be left as they are.
  // REQUIRES: 0 < wanted <= shape().frames().
  virtual absl::Status RunFirst(int64_t /*wanted*/, const float* source, float* target,
                                TileScratch& scratch) const {
    return Run(source, target, scratch);
  }

  const TileShape& shape() const { return shape_; }

  // For one sequence at least (outputs - 1) * strides + extent; more where a
  // statement reads whole rows. What lies behind the window does not change the
  // result.
  virtual int64_t source_frames() const = 0;

  // Memory that this tile alone holds, weights not counted. An estimate.
  virtual size_t bytes() const = 0;

  // For people: the statement and oneDNN's name of the implementation.
  virtual std::string Describe() const = 0;

 protected:
  explicit CompiledTile(const TileShape& shape) : shape_(shape) {}

 private:
  const TileShape shape_;
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_COMPILED_TILE_H_
