// A tile whose statement multiplies more than the layer does.
#ifndef CONVOY_KERNEL_ENGINE_TILE_FINITE_TILE_H_
#define CONVOY_KERNEL_ENGINE_TILE_FINITE_TILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "kernel/engine/tile/compiled_tile.h"

namespace convoy::engine {

// Runs a fast tile where all it reads is finite, and a plain one where not: zero
// weights must not meet infinities or NaN, a neighbour's least of all. Folded
// problems have such weights, and so have bfloat16 ones: the processor multiplies
// pairs of channels, so that an odd one meets what lies behind it.
class FiniteTile : public CompiledTile {
 public:
  // Both compute the same outputs; `fast` counts its source in rows of `row_frames`
  // input frames, which have `channels` floats each.
  FiniteTile(std::unique_ptr<CompiledTile> fast, std::unique_ptr<CompiledTile> plain,
             int64_t row_frames, int64_t channels);

  absl::Status Run(const float* source, float* target, TileScratch& scratch) const override;
  int64_t source_frames() const override { return fast_->source_frames() * row_frames_; }
  size_t bytes() const override { return fast_->bytes() + plain_->bytes(); }
  std::string Describe() const override { return fast_->Describe(); }

 private:
  const std::unique_ptr<CompiledTile> fast_;
  const std::unique_ptr<CompiledTile> plain_;
  const int64_t row_frames_;
  const int64_t channels_;
};

// Whether none of the values is infinite or NaN.
bool AllFinite(const float* values, int64_t count);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_TILE_FINITE_TILE_H_
