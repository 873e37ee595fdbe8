// A tile as oneDNN's own convolution, stated with one or two spatial dimensions.
#ifndef CONVOY_KERNEL_ENGINE_CONVOLUTION_KERNEL_H_
#define CONVOY_KERNEL_ENGINE_CONVOLUTION_KERNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kernel/engine/onednn.h"
#include "kernel/engine/packed_weights.h"
#include "kernel/engine/tile_kernel.h"
#include "kernel/layer/conv1d.h"

namespace convoy::engine {

// How the one-dimensional problem is told to oneDNN.
struct ConvolutionStatement {
  // 1, or 2 for an image of height 1: oneDNN's depthwise and some other
  // implementations know only images.
  int spatial_dimensions = 1;
  // 0 is the first implementation that oneDNN offers, 1 the next, ...
  int implementation = 0;
};

class ConvolutionKernel : public TileKernel {
 public:
  //   UNIMPLEMENTED  oneDNN offers no (further) implementation.
  static absl::StatusOr<std::unique_ptr<TileKernel>> Create(const layer::Conv1D& layer,
                                                            PackedWeights& weights,
                                                            const ConvolutionStatement& statement,
                                                            int64_t outputs);

  absl::Status Run(const float* source, float* target, Workspace& workspace) const override;
  size_t bytes() const override;
  std::string Describe() const override;

 private:
  ConvolutionKernel(int64_t outputs, const ConvolutionStatement& statement,
                    dnnl::convolution_forward::primitive_desc description,
                    const dnnl::memory& weights, const layer::Conv1D& layer);

  const ConvolutionStatement statement_;
  const dnnl::convolution_forward::primitive_desc description_;
  const dnnl::convolution_forward primitive_;
  const dnnl::memory::desc source_;
  const dnnl::memory::desc target_;
  const dnnl::memory::desc scratchpad_;
  const dnnl::memory weights_;  // shared handle
  const dnnl::memory bias_;     // over the layer's bias; empty without one
};

}  // namespace convoy::engine

#endif  // CONVOY_KERNEL_ENGINE_CONVOLUTION_KERNEL_H_
