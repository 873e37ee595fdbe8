// A tile as one oneDNN primitive.
#ifndef CONVOY_KERNEL_ENGINE_ONEDNN_KERNEL_H_
#define CONVOY_KERNEL_ENGINE_ONEDNN_KERNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kernel/engine/bindings.h"
#include "kernel/engine/onednn.h"
#include "kernel/engine/packed_weights.h"
#include "kernel/engine/stated_primitive.h"
#include "kernel/engine/statement.h"
#include "kernel/engine/tile_kernel.h"

namespace convoy::engine {

class OnednnKernel : public TileKernel {
 public:
  // For `shape` in the problem's own outputs (rows, where it is folded). Takes 0.3
  // to 11 ms.
  //   UNIMPLEMENTED     oneDNN offers no (further) implementation.
  //   INVALID_ARGUMENT  the statement does not suit the problem.
  static absl::StatusOr<std::unique_ptr<TileKernel>> Create(std::shared_ptr<StatedProblem> stated,
                                                            const Statement& statement,
                                                            const TileShape& shape);

  absl::Status Run(const float* source, float* target, Workspace& workspace) const override;
  int64_t source_frames() const override { return source_frames_; }
  size_t bytes() const override;
  std::string Describe() const override;

 private:
  OnednnKernel(std::shared_ptr<StatedProblem> stated, const Statement& statement,
               const TileShape& shape, const StatedPrimitive& primitive);

  // `source` as bfloat16, in `scratch`.
  const void* Narrow(const float* source, std::byte* scratch) const;

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

#endif  // CONVOY_KERNEL_ENGINE_ONEDNN_KERNEL_H_
