// A rank-3 tensor of sequences in somebody else's memory, in any order of axes.
#ifndef CONVOY_KERNEL_LAYER_TENSOR_VIEW_H_
#define CONVOY_KERNEL_LAYER_TENSOR_VIEW_H_

#include <cstdint>

namespace convoy::layer {

// Element (n, t, c) is data[n * sequence_stride + t * frame_stride +
// c * channel_stride]. Strides are in elements.
template <typename Real>
struct TensorView {
  Real* data = nullptr;
  int64_t sequences = 0;
  int64_t frames = 0;
  int64_t channels = 0;
  int64_t sequence_stride = 0;
  int64_t frame_stride = 0;
  int64_t channel_stride = 0;

  // Dense (N, T, C).
  static TensorView ChannelsLast(Real* data, int64_t n, int64_t t, int64_t c) {
    return {data, n, t, c, t * c, c, 1};
  }
  // Dense (N, C, T).
  static TensorView ChannelsFirst(Real* data, int64_t n, int64_t t, int64_t c) {
    return {data, n, t, c, t * c, 1, t};
  }
};

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_TENSOR_VIEW_H_
