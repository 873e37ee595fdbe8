// The activations that look at more than one element: softmax, log_softmax,
// sparsemax and glu along axes, and PReLU with its slope per position.
#ifndef CONVOY_KERNEL_LAYER_AXIS_ACTIVATION_H_
#define CONVOY_KERNEL_LAYER_AXIS_ACTIVATION_H_

#include <cstdint>
#include <vector>

#include "kernel/layer/activation.h"
#include "kernel/layer/tensor_view.h"

namespace convoy::layer {

// Axes by meaning; Conv1D::activation_axes translates from axis numbers.
struct LogicalAxes {
  bool sequences = false;
  bool frames = false;
  bool channels = false;
};

// Applies a softmax, log_softmax, sparsemax or glu over `axes`: the elements
// that differ only in those form one line. `output` has the shape of `input`,
// except that glu leaves half of its axis; both may be the same memory.
// REQUIRES: an activation of one of those kinds; glu has one axis, of even size.
void ApplyAxisActivation(const Activation& activation, LogicalAxes axes,
                         const TensorView<const float>& input, const TensorView<float>& output);
void ApplyAxisActivation(const Activation& activation, LogicalAxes axes,
                         const TensorView<const double>& input, const TensorView<double>& output);

// The slopes of a PReLU: values[t * frame_stride + c * channel_stride]; a shared
// axis has stride 0.
struct PReluSlopes {
  std::vector<double> values;
  int64_t frames = 1;
  int64_t channels = 1;
  int64_t frame_stride = 0;
  int64_t channel_stride = 0;
};

// max(x, 0) - slope * max(-x, 0). `output` may be `input`'s memory.
void ApplyPRelu(const PReluSlopes& slopes, const TensorView<const float>& input,
                const TensorView<float>& output);
void ApplyPRelu(const PReluSlopes& slopes, const TensorView<const double>& input,
                const TensorView<double>& output);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_AXIS_ACTIVATION_H_
