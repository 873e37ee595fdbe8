// A built Conv1D: config, channel count and weights.
#ifndef CONVOY_KERNEL_LAYER_CONV1D_H_
#define CONVOY_KERNEL_LAYER_CONV1D_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/layer/axis_activation.h"
#include "kernel/layer/conv1d_config.h"
#include "kernel/layer/losses.h"
#include "kernel/layer/tensor_view.h"
#include "kernel/layer/weights.h"

namespace convoy::layer {

// One request's shape, checked.
struct InputShape {
  int64_t sequences = 0;  // N
  int64_t length = 0;     // T
  Frames frames;          // what each sequence becomes, before the activation
};

// What is known of a tensor before it comes: -1 is a dimension of any size.
struct TensorSpec {
  DType dtype = DType::kFloat32;
  std::array<int64_t, 3> shape = {};
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
  // Whether the call needs double arithmetic: then the *_f64 weights are there
  // and the others are empty.
  bool uses_double() const;

  // The kernel that the convolution uses, (K, C / groups, F), row-major: with
  // LoRA merged, its values rounded to compute_dtype().
  absl::Span<const float> kernel() const { return kernel_; }
  absl::Span<const double> kernel_f64() const { return kernel_f64_; }
  // (F), or empty without bias.
  absl::Span<const float> bias() const { return bias_; }
  absl::Span<const double> bias_f64() const { return bias_f64_; }

  // layer.input and layer.output: (-1, -1, channels) or (-1, channels, -1). Inputs
  // of other numeric dtypes are cast.
  TensorSpec input_spec() const;
  TensorSpec output_spec() const;

  // layer.convolution_op: this layer without bias, activation and what belongs to
  // them, as a layer of its own.
  Conv1D ConvolutionOp() const;

  // Checks a request's tensor shape, (N, T, C) or (N, C, T) by data_format.
  // Allocates nothing when it succeeds.
  //   INVALID_ARGUMENT  rank, negative or overflowing dimensions, channels, a
  //                     sequence shorter than the window, or frames that the
  //                     activation cannot take; names "shape".
  absl::StatusOr<InputShape> CheckInput(absl::Span<const int64_t> shape) const;

  // The shape of the answer in the layer's data_format.
  std::array<int64_t, 3> OutputShape(const InputShape& shape) const;

  // How much of the output the activation looks at to make one value.
  ActivationReach activation_reach() const;
  // The activation of any reach, not rounded. Views are of one or more whole
  // frames, sequences or requests, as the reach demands, and in any order of
  // axes; `output` may be `input`'s memory and is half as wide after a glu.
  // With a reach of kElement, ApplyActivation over a run is faster.
  void ApplyActivation(const TensorView<const float>& input, const TensorView<float>& output) const;
  void ApplyActivation(const TensorView<const double>& input,
                       const TensorView<double>& output) const;

  // Keras' count_params(): elements of all variables.
  int64_t count_params() const { return count_params_; }
  // The penalties on variables; see losses.h for their errors.
  const absl::StatusOr<std::vector<WeightLoss>>& weight_losses() const { return weight_losses_; }

 private:
  Conv1D() = default;

  void SetKernel(const Conv1DWeights& weights);
  void SetBias(const Conv1DWeights& weights);
  absl::Status SetSlopes(const Conv1DWeights& weights);
  LogicalAxes activation_axes() const;

  Conv1DConfig config_;
  int64_t input_channels_ = 0;
  int64_t output_channels_ = 0;
  int64_t count_params_ = 0;
  std::vector<float> kernel_;
  std::vector<float> bias_;
  std::vector<double> kernel_f64_;
  std::vector<double> bias_f64_;
  PReluSlopes slopes_;  // PReLU only
  // The PReLU takes slopes_.frames output frames only.
  bool slope_frames_fixed_ = false;
  absl::StatusOr<std::vector<WeightLoss>> weight_losses_;
};

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_CONV1D_H_
