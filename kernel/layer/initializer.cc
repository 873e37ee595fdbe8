#include "kernel/layer/initializer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/layer/checked_math.h"
#include "kernel/layer/python_tuple.h"

namespace convoy::layer {
namespace {

// Made in double, and by whoever loads layers while others wait: larger variables
// come from a file.
constexpr int64_t kMostElements = int64_t{1} << 26;
constexpr double kMostOrthogonalWork = 0x1p33;  // rows x columns^2: half a minute

constexpr double kPi = 3.14159265358979323846;

// SplitMix64: small, and the same everywhere, unlike <random>'s distributions.
class Generator {
 public:
  Generator(std::optional<int64_t> seed, uint64_t stream)
      : state_(seed.has_value() ? static_cast<uint64_t>(*seed) * 0x9E3779B97F4A7C15u
                                : (stream + 1) * 0xD1B54A32D192ED03u) {}

  // In [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  // Standard normal, by the polar form of Box and Muller.
  double Normal() {
    // 1 - Uniform() is never zero.
    const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
    return radius * std::cos(2.0 * kPi * Uniform());
  }

  // Standard normal, drawn again while beyond two.
  double TruncatedNormal() {
    double value = Normal();
    while (std::fabs(value) > 2.0) value = Normal();
    return value;
  }

 private:
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

struct Fans {
  double in = 1.0;
  double out = 1.0;
};

absl::StatusOr<double> ProductOf(absl::Span<const int64_t> shape, absl::Span<const int64_t> axes) {
  double product = 1.0;
  const auto rank = static_cast<int64_t>(shape.size());
  for (const int64_t axis : axes) {
    if (axis < -rank || axis >= rank) {
      return absl::InvalidArgumentError(absl::StrCat(
          "initializer: axis ", axis, " is out of range for the shape ", PythonTuple(shape), "."));
    }
    product *= static_cast<double>(shape[axis < 0 ? axis + rank : axis]);
  }
  return product;
}

absl::StatusOr<Fans> ComputeFans(const Initializer& initializer, absl::Span<const int64_t> shape) {
  Fans fans;
  if (!initializer.input_axes.empty() && !initializer.output_axes.empty()) {
    CONVOY_ASSIGN_OR_RETURN(fans.in, ProductOf(shape, initializer.input_axes));
    CONVOY_ASSIGN_OR_RETURN(fans.out, ProductOf(shape, initializer.output_axes));
    return fans;
  }
  double field = 1.0;
  for (size_t i = 0; i + 2 < shape.size(); ++i) field *= static_cast<double>(shape[i]);
  if (!shape.empty()) fans.out = field * static_cast<double>(shape.back());
  fans.in = shape.size() < 2 ? fans.out : field * static_cast<double>(shape[shape.size() - 2]);
  return fans;
}

absl::Status FillVarianceScaling(const Initializer& initializer, absl::Span<const int64_t> shape,
                                 Generator& generator, std::vector<double>& values) {
  CONVOY_ASSIGN_OR_RETURN(const Fans fans, ComputeFans(initializer, shape));
  double n = (fans.in + fans.out) / 2.0;
  if (initializer.mode == FanMode::kFanIn) n = fans.in;
  if (initializer.mode == FanMode::kFanOut) n = fans.out;
  const double variance = initializer.scale / std::max(1.0, n);
  for (double& value : values) {
    switch (initializer.distribution) {
      case Distribution::kUniform:
        value = std::sqrt(3.0 * variance) * (2.0 * generator.Uniform() - 1.0);
        break;
      case Distribution::kTruncatedNormal:
        // The standard deviation of a normal cut off at two.
        value = std::sqrt(variance) / 0.87962566103423978 * generator.TruncatedNormal();
        break;
      case Distribution::kUntruncatedNormal:
        value = std::sqrt(variance) * generator.Normal();
        break;
    }
  }
  return absl::OkStatus();
}

// Makes the columns of the (rows, columns) matrix, column by column in memory,
// orthonormal, rows >= columns, by Gram and Schmidt, twice for the sake of rounding.
// The diagonal of R is positive by construction, which is Keras' choice of signs.
void Orthonormalize(std::vector<double>& matrix, int64_t rows, int64_t columns) {
  const auto at = [&](int64_t r, int64_t c) -> double& { return matrix[c * rows + r]; };
  for (int64_t c = 0; c < columns; ++c) {
    for (int64_t before = 0; before < 2 * c; ++before) {
      const int64_t other = before % c;
      double dot = 0.0;
      for (int64_t r = 0; r < rows; ++r) dot += at(r, c) * at(r, other);
      for (int64_t r = 0; r < rows; ++r) at(r, c) -= dot * at(r, other);
    }
    double norm = 0.0;
    for (int64_t r = 0; r < rows; ++r) norm += at(r, c) * at(r, c);
    for (int64_t r = 0; r < rows; ++r) at(r, c) /= std::sqrt(norm);
  }
}

absl::Status FillOrthogonal(const Initializer& initializer, absl::Span<const int64_t> shape,
                            Generator& generator, std::vector<double>& values) {
  const int64_t columns = shape.back();
  const int64_t rows = static_cast<int64_t>(values.size()) / columns;
  const int64_t tall = std::max(rows, columns), narrow = std::min(rows, columns);
  if (static_cast<double>(tall) * static_cast<double>(narrow * narrow) > kMostOrthogonalWork) {
    return absl::InvalidArgumentError(
        absl::StrCat("Orthogonal: expected a matrix whose rows x columns^2 are at most 2^33, got ",
                     tall, " x ", narrow, ". Bring the weights in a file."));
  }
  std::vector<double> matrix(values.size());
  for (int64_t r = 0; r < tall; ++r) {
    for (int64_t c = 0; c < narrow; ++c) matrix[c * tall + r] = generator.Normal();
  }
  Orthonormalize(matrix, tall, narrow);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      const double q = rows < columns ? matrix[r * tall + c] : matrix[c * tall + r];
      values[r * columns + c] = initializer.gain * q;
    }
  }
  return absl::OkStatus();
}

// The windows of scipy.signal.get_window that have no parameter.
double WindowValue(const std::string& name, double position) {
  const double phase = 2.0 * kPi * position;
  if (name == "hann") return 0.5 - 0.5 * std::cos(phase);
  if (name == "hamming") return 0.54 - 0.46 * std::cos(phase);
  if (name == "blackman") return 0.42 - 0.5 * std::cos(phase) + 0.08 * std::cos(2.0 * phase);
  if (name == "bartlett") return 1.0 - std::fabs(2.0 * position - 1.0);
  return 1.0;  // boxcar
}

std::vector<double> WindowOf(const Initializer& initializer, int64_t length) {
  std::vector<double> window(length, 1.0);
  if (length == 1 || initializer.window.empty()) return window;
  const double span = static_cast<double>(initializer.periodic ? length : length - 1);
  for (int64_t t = 0; t < length; ++t) {
    window[t] = WindowValue(initializer.window, static_cast<double>(t) / span);
  }
  return window;
}

void FillStft(const Initializer& initializer, absl::Span<const int64_t> shape,
              std::vector<double>& values) {
  const int64_t taps = shape[0], bins = shape[2];
  const std::vector<double> window = WindowOf(initializer, taps);
  double scaling = 1.0;
  if (!initializer.window.empty() && initializer.scaling == "density") {
    scaling = std::sqrt(std::inner_product(window.begin(), window.end(), window.begin(), 0.0));
  } else if (!initializer.window.empty() && initializer.scaling == "spectrum") {
    scaling = 0.0;
    for (const double w : window) scaling += std::fabs(w);
  }
  for (int64_t t = 0; t < taps; ++t) {
    for (int64_t f = 0; f < bins; ++f) {
      const double turns = static_cast<double>(t * f) / static_cast<double>(2 * (bins - 1));
      const double angle = -2.0 * kPi * turns;
      values[t * bins + f] =
          (initializer.imaginary ? std::sin(angle) : std::cos(angle)) * window[t] / scaling;
    }
  }
}

// REQUIRES: CheckInitializer accepts the shape.
absl::Status Fill(const Initializer& initializer, absl::Span<const int64_t> shape,
                  Generator& generator, std::vector<double>& values) {
  const auto fill = [&](auto draw) {
    for (double& value : values) value = draw();
    return absl::OkStatus();
  };
  switch (initializer.kind) {
    case InitializerKind::kConstant:
      return fill([&] { return initializer.value; });
    case InitializerKind::kRandomNormal:
      return fill([&] { return initializer.mean + initializer.stddev * generator.Normal(); });
    case InitializerKind::kTruncatedNormal:
      return fill(
          [&] { return initializer.mean + initializer.stddev * generator.TruncatedNormal(); });
    case InitializerKind::kRandomUniform:
      return fill([&] {
        return initializer.minval + (initializer.maxval - initializer.minval) * generator.Uniform();
      });
    case InitializerKind::kVarianceScaling:
      return FillVarianceScaling(initializer, shape, generator, values);
    case InitializerKind::kOrthogonal:
      return FillOrthogonal(initializer, shape, generator, values);
    case InitializerKind::kStft:
      FillStft(initializer, shape, values);
      break;
    case InitializerKind::kIdentity:
    case InitializerKind::kAbstract:
      break;  // CheckInitializer refuses them
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckInitializer(const Initializer& initializer, absl::Span<const int64_t> shape) {
  const std::string of_rank =
      absl::StrCat("shape=", PythonTuple(shape), " of rank ", shape.size(), ".");
  switch (initializer.kind) {
    case InitializerKind::kVarianceScaling:
      return ComputeFans(initializer, shape).status();
    case InitializerKind::kOrthogonal:
      if (shape.size() >= 2) return absl::OkStatus();
      return absl::InvalidArgumentError(absl::StrCat(
          "The tensor to initialize must be at least two-dimensional. Received: ", of_rank));
    case InitializerKind::kStft:
      if (shape.size() == 3 && shape[1] == 1) return absl::OkStatus();
      return absl::InvalidArgumentError(absl::StrCat(
          "STFT: expected a kernel of shape (taps, 1, filters), got ", PythonTuple(shape), "."));
    case InitializerKind::kIdentity:
      return absl::InvalidArgumentError(absl::StrCat(
          "Identity matrix initializer can only be used for 2D matrices. Received: ", of_rank));
    case InitializerKind::kAbstract:
      return absl::InvalidArgumentError(
          "Initializer subclasses must implement the `__call__()` method.");
    case InitializerKind::kConstant:
    case InitializerKind::kRandomNormal:
    case InitializerKind::kRandomUniform:
    case InitializerKind::kTruncatedNormal:
      break;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<double>> Initialize(const Initializer& initializer,
                                               absl::Span<const int64_t> shape, uint64_t stream) {
  CONVOY_RETURN_IF_ERROR(CheckInitializer(initializer, shape));
  std::optional<int64_t> size = 1;
  for (const int64_t dimension : shape) {
    if (size.has_value()) size = CheckedMultiply(*size, dimension);
  }
  if (!size.has_value() || *size > kMostElements) {
    return absl::InvalidArgumentError(
        absl::StrCat("initializer: expected a shape of at most ", kMostElements, " elements, got ",
                     PythonTuple(shape), ". Bring the weights in a file."));
  }
  Generator generator(initializer.seed, stream);
  std::vector<double> values(*size);
  CONVOY_RETURN_IF_ERROR(Fill(initializer, shape, generator, values));
  return values;
}

}  // namespace convoy::layer
