// A built Conv1D: config, channel count and weights.
#ifndef CONVOY_KERNEL_LAYER_CONV1D_H_
#define CONVOY_KERNEL_LAYER_CONV1D_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/layer/conv1d_config.h"
#include "kernel/layer/losses.h"
#include "kernel/layer/output_activation.h"
#include "kernel/layer/weights.h"

namespace convoy::layer {

// One request's shape, checked.
struct InputShape {
  int64_t sequences = 0;  // N
  int64_t length = 0;     // T
  Frames frames;          // what each sequence becomes, before the activation
};

// What is kept of the variables once they have become kernel, bias and slopes.
struct VariableSummary {
  // Keras' count_params(): elements of all variables.
  int64_t count_params = 0;
  // The penalties on variables; see losses.h for their errors.
  absl::StatusOr<std::vector<WeightLoss>> losses = std::vector<WeightLoss>();
};

// Immutable and thread-safe. Cheap to move, not to copy.
//
// A call rounds the input to compute_dtype(), convolves with at least float
// accumulators, rounds, adds the bias, rounds, rounds to output_dtype(), applies
// the activation and rounds once more. All roundings are void for float32.
class Conv1D {
 public:
  // Keras' build(): checks the channels against the groups and every tensor
  // against its shape and dtype.
  //   INVALID_ARGUMENT  names the tensor or argument, expected and got.
  static absl::StatusOr<Conv1D> Build(Conv1DConfig config, int64_t input_channels,
                                      Conv1DWeights weights);

  const Conv1DConfig& config() const { return config_; }
  int64_t input_channels() const { return input_channels_; }
  // Of the answer: config().filters, halved by a glu over channels.
  int64_t output_channels() const { return output_channels_; }

  // The dtypes that inputs are cast to and that answers have. They differ only
  // when the activation is a layer with a dtype of its own.
  DType compute_dtype() const { return config_.dtype_policy.compute_dtype; }
  DType output_dtype() const;
  // Whether the call needs double arithmetic: then kernel and bias are there as
  // double, otherwise as float; the other form is empty.
  bool uses_double() const;
  // Whether the convolution's sums are rounded before the bias is added: who convolves
  // then leaves the bias to who rounds.
  bool rounds_before_bias() const { return compute_dtype() != DType::kFloat32; }

  // The kernel that the convolution uses, (K, C / groups, F), row-major: with
  // LoRA merged, its values rounded to compute_dtype().
  template <typename Real = float>
  absl::Span<const Real> kernel() const;
  // (F), or empty without bias.
  template <typename Real = float>
  absl::Span<const Real> bias() const;

  const OutputActivation& activation() const { return activation_; }

  const VariableSummary& variables() const { return variables_; }

  // Checks a request's tensor shape, (N, T, C) or (N, C, T) by data_format.
  // Allocates nothing when it succeeds.
  //   INVALID_ARGUMENT  rank, negative or overflowing dimensions, channels, a
  //                     sequence shorter than the window, or frames that the
  //                     activation cannot take; names "shape".
  absl::StatusOr<InputShape> CheckInput(absl::Span<const int64_t> shape) const;

  // The shape of the answer in the layer's data_format.
  std::array<int64_t, 3> OutputShape(const InputShape& shape) const;

 private:
  Conv1D() = default;

  void SetKernel(const Conv1DWeights& weights);
  void SetBias(const Conv1DWeights& weights);

  Conv1DConfig config_;
  int64_t input_channels_ = 0;
  int64_t output_channels_ = 0;
  std::vector<float> kernel_;
  std::vector<float> bias_;
  std::vector<double> kernel_f64_;
  std::vector<double> bias_f64_;
  OutputActivation activation_;
  VariableSummary variables_;
};

template <>
inline absl::Span<const float> Conv1D::kernel<float>() const {
  return kernel_;
}
template <>
inline absl::Span<const double> Conv1D::kernel<double>() const {
  return kernel_f64_;
}
template <>
inline absl::Span<const float> Conv1D::bias<float>() const {
  return bias_;
}
template <>
inline absl::Span<const double> Conv1D::bias<double>() const {
  return bias_f64_;
}

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_CONV1D_H_
