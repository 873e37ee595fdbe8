#include "tests/kernel/support/reference_activation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

namespace convoy::testing {
namespace {

using layer::Activation;
using layer::ActivationKind;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// std::min and std::max give their first argument when it is NaN.
double Clipped(double x, double low, double high) { return std::min(std::max(x, low), high); }

double LogOnePlusExp(double x) { return x > 40.0 ? x + std::exp(-x) : std::log1p(std::exp(x)); }

double Logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// keras.layers.ReLU, step by step as its call has them.
double ReluLayer(const Activation& activation, double x) {
  const double below = std::max(activation.threshold - x, 0.0);
  double y = activation.threshold == 0.0 ? std::max(x, 0.0) : x > activation.threshold ? x : 0.0;
  if (std::isnan(x)) y = x;
  if (std::isfinite(activation.max_value)) y = Clipped(y, 0.0, activation.max_value);
  return activation.negative_slope == 0.0 ? y : y - activation.negative_slope * below;
}

double Exponential(double x, double alpha) {
  return alpha * (x < -0.5 ? std::exp(x) - 1.0 : std::expm1(x));
}

double SparsePlus(double x) {
  if (x <= -1.0) return 0.0;
  return x >= 1.0 ? x : (x + 1.0) * (x + 1.0) / 4.0;
}

// The part of `shape` of one position along the axes that are not in `axes`.
int64_t LineOf(const std::array<int64_t, 3>& position, const std::array<int64_t, 3>& shape,
               layer::AxisSet axes) {
  int64_t line = 0;
  for (int axis = 0; axis < 3; ++axis) {
    if ((axes >> axis & 1) == 0) line = line * shape[axis] + position[axis];
  }
  return line;
}

std::array<int64_t, 3> PositionOf(int64_t index, const std::array<int64_t, 3>& shape) {
  return {index / (shape[1] * shape[2]), index / shape[2] % shape[1], index % shape[2]};
}

void Softmax(std::vector<double>& line, bool logarithm) {
  const double largest = *std::max_element(line.begin(), line.end());
  double sum = 0.0;
  for (const double x : line) sum += std::exp(x - largest);
  for (double& x : line) x = logarithm ? x - largest - std::log(sum) : std::exp(x - largest) / sum;
}

// max(x - tau, 0) with the tau that makes them sum to one, found by bisection.
void Sparsemax(std::vector<double>& line) {
  double high = -std::numeric_limits<double>::infinity();
  for (const double x : line) high = x > high ? x : high;
  double low = high - 1.0;
  for (int i = 0; i < 100; ++i) {
    const double middle = low + (high - low) / 2.0;
    double sum = 0.0;
    for (const double x : line) sum += x > middle ? x - middle : 0.0;
    (sum > 1.0 ? low : high) = middle;
  }
  for (double& x : line) x = std::isnan(x) ? kNan : std::max(x - low, 0.0);
}

// Along the axes of `activation`, line by line.
std::vector<double> AlongAxes(const Activation& activation, const std::array<int64_t, 3>& shape,
                              std::vector<double> values) {
  std::map<int64_t, std::vector<size_t>> lines;
  for (size_t i = 0; i < values.size(); ++i) {
    lines[LineOf(PositionOf(static_cast<int64_t>(i), shape), shape, activation.axes)].push_back(i);
  }
  for (const auto& [number, indices] : lines) {
    std::vector<double> line;
    for (const size_t i : indices) line.push_back(values[i]);
    if (activation.kind == ActivationKind::kSparsemax) {
      Sparsemax(line);
    } else {
      Softmax(line, activation.kind == ActivationKind::kLogSoftmax);
    }
    for (size_t i = 0; i < line.size(); ++i) values[indices[i]] = line[i];
  }
  return values;
}

// a * sigmoid(b) of the two halves of the last axis.
std::vector<double> Glu(const std::array<int64_t, 3>& shape, const std::vector<double>& values) {
  std::vector<double> halves;
  const int64_t half = shape[2] / 2;
  for (int64_t row = 0; row < shape[0] * shape[1]; ++row) {
    for (int64_t i = 0; i < half; ++i) {
      const double* at = values.data() + row * shape[2] + i;
      halves.push_back(at[0] * Logistic(at[half]));
    }
  }
  return halves;
}

std::vector<double> PRelu(const layer::Conv1D& layer, const std::array<int64_t, 3>& shape,
                          std::vector<double> values) {
  const layer::PReluSlopes& slopes = layer.activation().slopes();
  const bool last = layer.config().data_format == layer::DataFormat::kChannelsLast;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto position = PositionOf(static_cast<int64_t>(i), shape);
    const int64_t t = position[last ? 1 : 2], c = position[last ? 2 : 1];
    const double slope = slopes.values[t * slopes.frame_stride + c * slopes.channel_stride];
    if (values[i] < 0.0) values[i] *= slope;
  }
  return values;
}

}  // namespace

double ReferenceElementwise(const Activation& activation, double x) {
  const double alpha = activation.alpha;
  switch (activation.kind) {
    case ActivationKind::kLinear:
      return x;
    case ActivationKind::kRelu:
      return std::max(x, 0.0);
    case ActivationKind::kGeneralRelu:
      return ReluLayer(activation, x);
    case ActivationKind::kLeakyRelu:
      return x < 0.0 ? activation.negative_slope * x : x;
    case ActivationKind::kRelu6:
      return Clipped(x, 0.0, 6.0);
    case ActivationKind::kElu:
      return x < 0.0 ? Exponential(x, alpha) : x;
    case ActivationKind::kCelu:
      return x < 0.0 ? Exponential(x / alpha, alpha) : x;
    case ActivationKind::kSelu:
      return 1.05070098735548049342 * (x < 0.0 ? Exponential(x, 1.67326324235437728482) : x);
    case ActivationKind::kSoftplus:
      return LogOnePlusExp(x);
    case ActivationKind::kSoftsign:
      return x / (std::fabs(x) + 1.0);
    case ActivationKind::kSquareplus:
      return (x + std::sqrt(x * x + 4.0)) / 2.0;
    case ActivationKind::kSoftShrink:
      return std::copysign(std::max(std::fabs(x) - 0.5, 0.0), x);
    case ActivationKind::kHardShrink:
      return x >= -0.5 && x <= 0.5 ? 0.0 : x;
    case ActivationKind::kTanhShrink:
      return x - std::tanh(x);
    case ActivationKind::kSparsePlus:
      return SparsePlus(x);
    case ActivationKind::kSilu:
      return x * Logistic(x);
    case ActivationKind::kHardSilu:
      return x * Clipped(x + 3.0, 0.0, 6.0) / 6.0;
    case ActivationKind::kGelu:
      return x / 2.0 * (1.0 + std::erf(x / std::sqrt(2.0)));
    case ActivationKind::kMish:
      return x * std::tanh(LogOnePlusExp(x));
    case ActivationKind::kTanh:
      return std::tanh(x);
    case ActivationKind::kHardTanh:
      return Clipped(x, -1.0, 1.0);
    case ActivationKind::kSigmoid:
      return Logistic(x);
    case ActivationKind::kLogSigmoid:
      return -LogOnePlusExp(-x);
    case ActivationKind::kSparseSigmoid:
      return Clipped((x + 1.0) / 2.0, 0.0, 1.0);
    case ActivationKind::kHardSigmoid:
      return Clipped(x / 6.0 + 0.5, 0.0, 1.0);
    case ActivationKind::kHardSigmoidKeras2:
      return Clipped(x / 5.0 + 0.5, 0.0, 1.0);
    case ActivationKind::kExponential:
      return std::exp(x);
    case ActivationKind::kPRelu:
    case ActivationKind::kSoftmax:
    case ActivationKind::kLogSoftmax:
    case ActivationKind::kSparsemax:
    case ActivationKind::kGlu:
      break;
  }
  std::abort();  // not elementwise
}

std::vector<double> ReferenceActivate(const layer::Conv1D& layer,
                                      const std::array<int64_t, 3>& shape,
                                      const std::vector<double>& given) {
  const Activation& activation = layer.config().activation;
  if (activation.kind == ActivationKind::kPRelu) return PRelu(layer, shape, given);
  if (activation.kind == ActivationKind::kGlu) return Glu(shape, given);
  if (!IsElementwise(activation)) return AlongAxes(activation, shape, given);
  std::vector<double> values = given;
  for (double& value : values) value = ReferenceElementwise(activation, value);
  return values;
}

}  // namespace convoy::testing
