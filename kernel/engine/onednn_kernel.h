// A tile as oneDNN's own convolution, stated with one or two spatial dimensions.
#ifndef CONVOY_KERNEL_ENGINE_CONVOLUTION_KERNEL_H_
#define CONVOY_KERNEL_ENGINE_CONVOLUTION_KERNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kernel/engine/onednn.h"
#include "kernel/engine/packed_weights.h"
#include "kernel/engine/problem.h"
#include "kernel/engine/statement.h"
#include "kernel/engine/tile_kernel.h"

namespace convoy::engine {

class ConvolutionKernel : public TileKernel {
 public:
  //   UNIMPLEMENTED  oneDNN offers no (further) implementation.
  // `weights` are the problem's; both must outlive the kernel.
  static absl::StatusOr<std::unique_ptr<TileKernel>> Create(const Problem& problem,
                                                            PackedWeights& weights,
                                                            const Statement& statement,
                                                            int64_t outputs);

  absl::Status Run(const float* source, float* target, Workspace& workspace) const override;
  int64_t source_frames() const override { return source_frames_; }
  size_t bytes() const override;
  std::string Describe() const override;

 private:
  ConvolutionKernel(int64_t outputs, const Statement& statement,
                    dnnl::convolution_forward::primitive_desc description, dnnl::memory weights,
                    const Problem& problem);

  // `source` as bfloat16, in `scratch`.
  const void* Narrow(const float* source, std::byte* scratch) const;

  const Statement statement_;
  const int64_t source_frames_;
  const dnnl::convolution_forward::primitive_desc description_;
  const dnnl::convolution_forward primitive_;
  const dnnl::memory::desc source_;
  const dnnl::memory::desc target_;
  const dnnl::memory::desc scratchpad_;
  const size_t scratchpad_bytes_;  // in whole cache lines
  const size_t narrow_bytes_;      // of the narrowed source behind it; 0 without
  const dnnl::memory weights_;     // shared handle
  const dnnl::memory bias_;        // over the problem's bias; empty without one
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_CONVOLUTION_KERNEL_H_
