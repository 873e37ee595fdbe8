// A tile whose frames are folded into rows.
#ifndef CONVOY_KERNEL_ENGINE_FOLDED_KERNEL_H_
#define CONVOY_KERNEL_ENGINE_FOLDED_KERNEL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "kernel/engine/tile_kernel.h"

namespace convoy::engine {

// Runs a folded problem (Problem::Folded) where all it reads is finite, and the
// plain one where not: zero weights must not meet infinities or NaN, a
// neighbour's least of all.
class FoldedKernel : public TileKernel {
 public:
  // `rows` computes plain->outputs() / `fold` rows; a row is `row_frames` input
  // frames of `channels` floats each.
  FoldedKernel(std::unique_ptr<TileKernel> rows, std::unique_ptr<TileKernel> plain,
               int64_t row_frames, int64_t channels);

  absl::Status Run(const float* source, float* target, Workspace& workspace) const override;
  int64_t source_frames() const override { return rows_->source_frames() * row_frames_; }
  size_t bytes() const override { return rows_->bytes() + plain_->bytes(); }
  std::string Describe() const override { return rows_->Describe(); }

 private:
  const std::unique_ptr<TileKernel> rows_;
  const std::unique_ptr<TileKernel> plain_;
  const int64_t row_frames_;
  const int64_t channels_;
};

// Whether none of the values is infinite or NaN.
bool AllFinite(const float* values, int64_t count);

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_FOLDED_KERNEL_H_
