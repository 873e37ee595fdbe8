// keras.initializers: the values of a variable that no file brings.
#ifndef CONVOY_KERNEL_LAYER_INITIALIZER_H_
#define CONVOY_KERNEL_LAYER_INITIALIZER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace convoy::layer {

// The named classes such as GlorotUniform are variance scalings with fixed
// scale, mode and distribution.
enum class InitializerKind : uint8_t {
  kConstant,  // Zeros, Ones, Constant
  kIdentity,
  kRandomNormal,
  kRandomUniform,
  kTruncatedNormal,
  kVarianceScaling,
  kOrthogonal,
  kStft,
  kAbstract,  // the base class, which Keras accepts and cannot call
};

enum class FanMode : uint8_t { kFanIn, kFanOut, kFanAvg };
enum class Distribution : uint8_t { kUniform, kTruncatedNormal, kUntruncatedNormal };

struct Initializer {
  InitializerKind kind = InitializerKind::kConstant;
  double value = 0.0;  // constant
  double mean = 0.0;
  double stddev = 0.05;
  double minval = -0.05;
  double maxval = 0.05;
  double gain = 1.0;
  double scale = 1.0;
  FanMode mode = FanMode::kFanIn;
  Distribution distribution = Distribution::kTruncatedNormal;
  // Both given, they replace the fans of the whole shape.
  std::vector<int64_t> input_axes;
  std::vector<int64_t> output_axes;
  // Without one a fixed seed is used: equal configs give equal layers.
  std::optional<int64_t> seed;
  // The Fourier kernel.
  bool imaginary = false;
  bool periodic = false;
  std::string window;   // empty: none
  std::string scaling;  // "density", "spectrum" or empty
  // get_config() of this object, as JSON text.
  std::string keras_json;
};

// Whether the law fits a kernel or bias of `shape`.
//   INVALID_ARGUMENT  it does not, in Keras' words.
absl::Status CheckInitializer(const Initializer& initializer, absl::Span<const int64_t> shape);

// The values of a variable of `shape`, row-major. Deterministic: the same
// initializer, shape and `stream` give the same values on every machine. Keras'
// own numbers differ from backend to backend; what is equal is the law.
// `stream` tells variables apart whose initializers have no seed.
//   INVALID_ARGUMENT  the law does not fit the shape, in Keras' words.
absl::StatusOr<std::vector<double>> Initialize(const Initializer& initializer,
                                               absl::Span<const int64_t> shape, uint64_t stream);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_INITIALIZER_H_
