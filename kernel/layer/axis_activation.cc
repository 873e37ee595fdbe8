#include "kernel/layer/axis_activation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "absl/types/span.h"
#include "kernel/layer/formulas.h"

namespace convoy::layer {
namespace {

// exp(x - max) in place. A function of its own for the sake of its loop.
CONVOY_MULTIVERSION void ShiftedExponentials(float* values, size_t size, float shift) {
  for (size_t i = 0; i < size; ++i) values[i] = Exp(values[i] - shift);
}

void ShiftedExponentials(double* values, size_t size, double shift) {
  for (size_t i = 0; i < size; ++i) values[i] = std::exp(values[i] - shift);
}

template <typename Real>
Real Largest(absl::Span<const Real> line) {
  Real largest = -std::numeric_limits<Real>::infinity();
  for (const Real value : line) largest = value > largest ? value : largest;
  return largest;
}

template <typename Real>
double Sum(absl::Span<const Real> line) {
  double sum = 0.0;
  for (const Real value : line) sum += value;
  return sum;
}

template <typename Real>
void Softmax(absl::Span<Real> line) {
  ShiftedExponentials(line.data(), line.size(), Largest<Real>(line));
  const Real sum = static_cast<Real>(Sum<Real>(line));
  for (Real& value : line) value /= sum;
}

template <typename Real>
void LogSoftmax(absl::Span<Real> line, std::vector<Real>& scratch) {
  const Real largest = Largest<Real>(line);
  scratch.assign(line.begin(), line.end());
  ShiftedExponentials(scratch.data(), scratch.size(), largest);
  const Real log_sum = static_cast<Real>(std::log(Sum<Real>(scratch)));
  for (Real& value : line) value = value - largest - log_sum;
}

// The projection onto the simplex as published (Martins and Astudillo, 2016).
template <typename Real>
void Sparsemax(absl::Span<Real> line, std::vector<Real>& scratch) {
  scratch.assign(line.begin(), line.end());
  // NaN last, where it takes no part in the support.
  const auto numbers =
      std::partition(scratch.begin(), scratch.end(), [](Real x) { return !std::isnan(x); });
  std::sort(scratch.begin(), numbers, std::greater<>());
  double total = 0.0, support_total = 0.0;
  int64_t support = 0;
  for (auto at = scratch.begin(); at != numbers; ++at) {
    total += *at;
    const auto rank = static_cast<double>(at - scratch.begin() + 1);
    if (*at - (total - 1.0) / rank > 0.0) {
      ++support;
      support_total = total;
    }
  }
  const Real tau = static_cast<Real>((support_total - 1.0) / static_cast<double>(support));
  for (Real& value : line) value = Relu(value - tau);
}

// The first half of the line becomes a * sigmoid(b).
template <typename Real>
void Glu(absl::Span<Real> line) {
  const size_t half = line.size() / 2;
  for (size_t i = 0; i < half; ++i) line[i] *= Sigmoid(line[half + i]);
}

template <typename Real>
void ApplyToLine(ActivationKind kind, absl::Span<Real> line, std::vector<Real>& scratch) {
  if (kind == ActivationKind::kSoftmax) return Softmax(line);
  if (kind == ActivationKind::kLogSoftmax) return LogSoftmax(line, scratch);
  if (kind == ActivationKind::kSparsemax) return Sparsemax(line, scratch);
  Glu(line);
}

struct Axis {
  int64_t size;
  int64_t input_stride;
  int64_t output_stride;
};
using Axes = std::array<Axis, 3>;

// Calls `visit(input offset, output offset)` over all positions of `axes`.
template <typename Visit>
void ForEach(const Axes& axes, Visit visit) {
  for (int64_t a = 0; a < axes[0].size; ++a) {
    for (int64_t b = 0; b < axes[1].size; ++b) {
      for (int64_t c = 0; c < axes[2].size; ++c) {
        visit(a * axes[0].input_stride + b * axes[1].input_stride + c * axes[2].input_stride,
              a * axes[0].output_stride + b * axes[1].output_stride + c * axes[2].output_stride);
      }
    }
  }
}

template <typename Real>
Axes AxesOf(const TensorView<const Real>& input, const TensorView<Real>& output) {
  return {{{input.sequences, input.sequence_stride, output.sequence_stride},
           {input.frames, input.frame_stride, output.frame_stride},
           {input.channels, input.channel_stride, output.channel_stride}}};
}

template <typename Real>
void Apply(const Activation& activation, LogicalAxes logical, const TensorView<const Real>& input,
           const TensorView<Real>& output) {
  // Walk the axes that stay; within each position, the axes of the line.
  Axes outer = AxesOf(input, output);
  Axes inner = outer;
  const std::array<bool, 3> in_line = {logical.sequences, logical.frames, logical.channels};
  for (size_t i = 0; i < 3; ++i) (in_line[i] ? outer : inner)[i].size = 1;
  Axes kept = inner;
  if (activation.kind == ActivationKind::kGlu) {
    for (size_t i = 0; i < 3; ++i) kept[i].size /= in_line[i] ? 2 : 1;
  }
  std::vector<Real> line(inner[0].size * inner[1].size * inner[2].size);
  std::vector<Real> scratch;
  if (line.empty()) return;
  ForEach(outer, [&](int64_t from, int64_t to) {
    auto next = line.begin();
    ForEach(inner, [&](int64_t offset, int64_t) { *next++ = input.data[from + offset]; });
    ApplyToLine<Real>(activation.kind, absl::MakeSpan(line), scratch);
    next = line.begin();
    ForEach(kept, [&](int64_t, int64_t offset) { output.data[to + offset] = *next++; });
  });
}

template <typename Real>
void PRelu(const PReluSlopes& slopes, const TensorView<const Real>& input,
           const TensorView<Real>& output) {
  for (int64_t n = 0; n < input.sequences; ++n) {
    for (int64_t t = 0; t < input.frames; ++t) {
      const Real* from = input.data + n * input.sequence_stride + t * input.frame_stride;
      Real* to = output.data + n * output.sequence_stride + t * output.frame_stride;
      const double* slope = slopes.values.data() + t * slopes.frame_stride;
      for (int64_t c = 0; c < input.channels; ++c) {
        const Real x = from[c * input.channel_stride];
        to[c * output.channel_stride] =
            Relu(x) - static_cast<Real>(slope[c * slopes.channel_stride]) * Relu(-x);
      }
    }
  }
}

}  // namespace

void ApplyAxisActivation(const Activation& activation, LogicalAxes axes,
                         const TensorView<const float>& input, const TensorView<float>& output) {
  Apply(activation, axes, input, output);
}

void ApplyAxisActivation(const Activation& activation, LogicalAxes axes,
                         const TensorView<const double>& input, const TensorView<double>& output) {
  Apply(activation, axes, input, output);
}

void ApplyPRelu(const PReluSlopes& slopes, const TensorView<const float>& input,
                const TensorView<float>& output) {
  PRelu(slopes, input, output);
}

void ApplyPRelu(const PReluSlopes& slopes, const TensorView<const double>& input,
                const TensorView<double>& output) {
  PRelu(slopes, input, output);
}

}  // namespace convoy::layer
