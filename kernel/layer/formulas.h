// Keras' elementwise activations as formulas over float or double: the one place
// where each of them is written down.
//
// float goes through float_math.h, double through <cmath>, so that the two
// check each other. Comparisons are written so that NaN takes the side that it
// takes on Keras' JAX backend.
#ifndef CONVOY_KERNEL_LAYER_FORMULAS_H_
#define CONVOY_KERNEL_LAYER_FORMULAS_H_

#include <cmath>
#include <cstdlib>

#include "kernel/layer/activation.h"
#include "kernel/layer/float_math.h"

namespace convoy::layer {

CONVOY_ALWAYS_INLINE double Clip(double x, double low, double high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}
CONVOY_ALWAYS_INLINE double Exp(double x) { return std::exp(x); }
CONVOY_ALWAYS_INLINE double Expm1NonPositive(double x) { return std::expm1(x); }
CONVOY_ALWAYS_INLINE double Tanh(double x) { return std::tanh(x); }
CONVOY_ALWAYS_INLINE double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
CONVOY_ALWAYS_INLINE double Softplus(double x) {
  return (x > 0.0 ? x : 0.0) + std::log1p(std::exp(-std::fabs(x)));
}
CONVOY_ALWAYS_INLINE double Gelu(double x) { return 0.5 * x * std::erfc(-x * std::sqrt(0.5)); }

// max(x, 0), of negative zero too.
template <typename Real>
CONVOY_ALWAYS_INLINE Real Relu(Real x) {
  return x <= Real(0) ? Real(0) : x;
}

template <typename Real>
CONVOY_ALWAYS_INLINE Real GeneralRelu(Real x, Real slope, Real max_value, Real threshold) {
  const Real above = threshold != Real(0) ? (x > threshold ? x : Real(0)) : Relu(x);
  // A cap also lifts what a negative threshold let through.
  const Real kept = max_value < Real(INFINITY) ? Clip(above, Real(0), max_value) : above;
  return slope != Real(0) ? kept - slope * Relu(threshold - x) : kept;
}

template <typename Real>
CONVOY_ALWAYS_INLINE Real Elu(Real x, Real alpha) {
  // Zero as it is, for its sign.
  return x >= Real(0) ? x : alpha * Expm1NonPositive(x);
}

template <typename Real>
CONVOY_ALWAYS_INLINE Real Celu(Real x, Real alpha) {
  const Real below = x > Real(0) ? Real(0) : x;
  return Relu(x) + alpha * Expm1NonPositive(below / alpha);
}

template <typename Real>
CONVOY_ALWAYS_INLINE Real Selu(Real x) {
  return Real(1.0507009873554804934193349852946) * Elu(x, Real(1.6732632423543772848170429916717));
}

template <typename Real>
CONVOY_ALWAYS_INLINE Real HardSigmoid(Real x) {
  return Clip(x + Real(3), Real(0), Real(6)) / Real(6);
}

template <typename Real>
CONVOY_ALWAYS_INLINE Real Mish(Real x) {
  // tanh(log(1 + e^x)) without the logarithm; past 20 it is one.
  const Real e = Exp(x > Real(20) ? Real(20) : x);
  return x * (e * (e + Real(2)) / (e * (e + Real(2)) + Real(2)));
}

template <typename Real>
CONVOY_ALWAYS_INLINE Real SoftShrink(Real x) {
  return x > Real(0.5) ? x - Real(0.5) : x < Real(-0.5) ? x + Real(0.5) : Real(0);
}

template <typename Real>
CONVOY_ALWAYS_INLINE Real SparsePlus(Real x) {
  const Real bend = (x + Real(1)) * (x + Real(1)) * Real(0.25);
  return x <= Real(-1) ? Real(0) : x >= Real(1) ? x : bend;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wswitch"
// Calls `run` with the formula of `activation`, a callable Real -> Real that
// inlines; not at all for kLinear. A kind without a formula does not compile.
// REQUIRES: IsElementwise(activation).
template <typename Real, typename Run>
CONVOY_ALWAYS_INLINE void WithFormula(const Activation& activation, Run run) {
  const Real slope(activation.negative_slope), cap(activation.max_value);
  const Real threshold(activation.threshold), alpha(activation.alpha);
#define CONVOY_FORMULA(kind, ...) \
  case ActivationKind::kind:      \
    return run([=](Real x) __attribute__((always_inline))->Real { return __VA_ARGS__; })
  switch (activation.kind) {
    CONVOY_FORMULA(kRelu, Relu(x));
    CONVOY_FORMULA(kGeneralRelu, GeneralRelu(x, slope, cap, threshold));
    CONVOY_FORMULA(kLeakyRelu, x >= Real(0) ? x : slope * x);
    CONVOY_FORMULA(kRelu6, Clip(Relu(x), Real(0), Real(6)));
    CONVOY_FORMULA(kElu, Elu(x, alpha));
    CONVOY_FORMULA(kCelu, Celu(x, alpha));
    CONVOY_FORMULA(kSelu, Selu(x));
    CONVOY_FORMULA(kSoftplus, Softplus(x));
    CONVOY_FORMULA(kSoftsign, x / (Real(1) + std::fabs(x)));
    CONVOY_FORMULA(kSquareplus, Real(0.5) * (x + std::sqrt(x * x + Real(4))));
    CONVOY_FORMULA(kSoftShrink, SoftShrink(x));
    CONVOY_FORMULA(kHardShrink, std::fabs(x) > Real(0.5) ? x : Real(0));
    CONVOY_FORMULA(kTanhShrink, x - Tanh(x));
    CONVOY_FORMULA(kSparsePlus, SparsePlus(x));
    CONVOY_FORMULA(kSilu, x * Sigmoid(x));
    CONVOY_FORMULA(kHardSilu, x * HardSigmoid(x));
    CONVOY_FORMULA(kGelu, Gelu(x));
    CONVOY_FORMULA(kMish, Mish(x));
    CONVOY_FORMULA(kTanh, Tanh(x));
    CONVOY_FORMULA(kHardTanh, Clip(x, Real(-1), Real(1)));
    CONVOY_FORMULA(kSigmoid, Sigmoid(x));
    CONVOY_FORMULA(kLogSigmoid, -Softplus(-x));
    CONVOY_FORMULA(kSparseSigmoid, Real(0.5) * Clip(x + Real(1), Real(0), Real(2)));
    CONVOY_FORMULA(kHardSigmoid, HardSigmoid(x));
    CONVOY_FORMULA(kHardSigmoidKeras2, Clip(Real(0.2) * x + Real(0.5), Real(0), Real(1)));
    CONVOY_FORMULA(kExponential, Exp(x));
    case ActivationKind::kLinear:  // its formula is to do nothing
      return;
    case ActivationKind::kPRelu:
    case ActivationKind::kSoftmax:
    case ActivationKind::kLogSoftmax:
    case ActivationKind::kSparsemax:
    case ActivationKind::kGlu:
      break;
  }
  std::abort();  // not elementwise
#undef CONVOY_FORMULA
}
#pragma GCC diagnostic pop

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_FORMULAS_H_
