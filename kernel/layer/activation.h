// The activation of a layer: one of Keras' functions with its parameters.
#ifndef CONVOY_KERNEL_LAYER_ACTIVATION_H_
#define CONVOY_KERNEL_LAYER_ACTIVATION_H_

#include <cstdint>
#include <limits>
#include <string_view>

#include "absl/status/statusor.h"

namespace convoy::layer {

// One kind per formula. Keras' `threshold` is missing: by name it lacks its two
// arguments, and Keras has no layer that would give them.
enum class ActivationKind : uint8_t {
  kLinear,
  kRelu,         // max(x, 0)
  kGeneralRelu,  // negative_slope, max_value, threshold
  kLeakyRelu,    // negative_slope
  kRelu6,
  kElu,   // alpha
  kCelu,  // alpha
  kSelu,
  kSoftplus,
  kSoftsign,
  kSquareplus,
  kSoftShrink,
  kHardShrink,
  kTanhShrink,
  kSparsePlus,
  kSilu,
  kHardSilu,
  kGelu,
  kMish,
  kTanh,
  kHardTanh,
  kSigmoid,
  kLogSigmoid,
  kSparseSigmoid,
  kHardSigmoid,
  kHardSigmoidKeras2,  // clip(0.2 x + 0.5, 0, 1): what the name meant in Keras 2
  kExponential,
  // From here on an element depends on its position or its neighbours.
  kPRelu,       // axes: those that share one slope
  kSoftmax,     // axes: those that sum to one
  kLogSoftmax,  // axes
  kSparsemax,   // axes
  kGlu,         // axes: the one that is halved
};

// How much of the layer's output one output value depends on.
enum class ActivationReach : uint8_t {
  kNone,      // linear: nothing to do
  kElement,   // its own element: any contiguous run may be treated alone
  kFrame,     // the channels of its frame
  kSequence,  // the frames of its sequence
  kRequest,   // the other sequences of its request
};

// A set of axes of the output tensor, bit i for axis i of (N, T, F) or
// (N, F, T).
using AxisSet = uint8_t;

struct Activation {
  ActivationKind kind = ActivationKind::kLinear;
  AxisSet axes = 0;
  double negative_slope = 0.0;
  double max_value = std::numeric_limits<double>::infinity();
  double threshold = 0.0;
  double alpha = 1.0;
};

// By Keras' name, case-sensitive: "relu", "swish". `keras_major` decides what
// "hard_sigmoid" means. Axes are Keras' default, the last one.
//   INVALID_ARGUMENT  Keras has no such activation; the message is Keras'.
absl::StatusOr<Activation> ActivationFromName(std::string_view name, int keras_major = 3);

// The canonical name of the function, as get_config writes it.
std::string_view ActivationName(const Activation& activation);

// Whether every output element depends on its own input alone.
bool IsElementwise(const Activation& activation);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_ACTIVATION_H_
