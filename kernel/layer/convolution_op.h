// layer.convolution_op: the convolution of a layer, and nothing else of it.
#ifndef CONVOY_KERNEL_LAYER_CONVOLUTION_OP_H_
#define CONVOY_KERNEL_LAYER_CONVOLUTION_OP_H_

#include "kernel/layer/conv1d.h"

namespace convoy::layer {

// `layer` without bias, activation and what belongs to them, as a layer of its
// own; its kernel is the one that the call uses, LoRA merged.
Conv1D ConvolutionOp(const Conv1D& layer);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_CONVOLUTION_OP_H_
