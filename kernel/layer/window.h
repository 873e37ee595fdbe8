// Which input frames each output frame of a Conv1D sees.
//
// A *frame* is one time step: all channels at one t. Source of the formulas:
// keras.layers.Conv1D and keras.ops.conv; "same" puts the odd frame to the
// right, "causal" pads dilation_rate * (kernel_size - 1) on the left.
#ifndef CONVOY_KERNEL_LAYER_WINDOW_H_
#define CONVOY_KERNEL_LAYER_WINDOW_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace convoy::layer {

enum class PaddingMode : uint8_t { kValid, kSame, kCausal, kExplicit };

// "valid", "same", "causal" or "explicit".
std::string_view PaddingName(PaddingMode mode);

struct Padding {
  PaddingMode mode = PaddingMode::kValid;
  // Frames of zeros; used by kExplicit only.
  int64_t left = 0;
  int64_t right = 0;
};

// What one sequence becomes.
struct Frames {
  int64_t output = 0;     // output frames
  int64_t pad_left = 0;   // zero frames before the first input frame
  int64_t pad_right = 0;  // zero frames behind the last one
};

struct Window {
  int64_t kernel_size = 1;
  int64_t strides = 1;
  int64_t dilation_rate = 1;
  Padding padding;

  // Frames from the first to the last tap: dilation_rate * (kernel_size - 1) + 1.
  // REQUIRES: the product fits (Conv1DConfig's checks see to it).
  int64_t extent() const { return dilation_rate * (kernel_size - 1) + 1; }

  // Whether extent() and its padding fit in 64 bits.
  bool Fits() const;

  // Output frame o reads input frames o * strides + k * dilation_rate - pad_left.
  // An empty sequence gives no frames for `same` and `causal`.
  //   INVALID_ARGUMENT  the padded sequence is shorter than the window.
  //   OUT_OF_RANGE      a number does not fit in 64 bits.
  // REQUIRES: length >= 0 and Fits().
  absl::StatusOr<Frames> FramesFor(int64_t length) const;
};

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_WINDOW_H_
