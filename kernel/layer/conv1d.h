// A built Conv1D: config, channel count and weights.
#ifndef CONVOY_KERNEL_LAYER_CONV1D_H_
#define CONVOY_KERNEL_LAYER_CONV1D_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernel/layer/conv1d_config.h"
#include "kernel/layer/tensor.h"

namespace convoy::layer {

// The tensors of weights.safetensors.
struct Conv1DWeights {
  Tensor kernel;               // (K, C / groups, F)
  std::optional<Tensor> bias;  // (F), present iff use_bias
};

// One request's shape, checked.
struct InputShape {
  int64_t sequences = 0;  // N
  int64_t length = 0;     // T
  Frames frames;          // what each sequence becomes
};

// Immutable and thread-safe. Cheap to move, not to copy.
class Conv1D {
 public:
  // Keras' build(): checks the channels against the groups and every tensor
  // against its shape and dtype.
  //   INVALID_ARGUMENT  names the tensor or argument, expected and got.
  static absl::StatusOr<Conv1D> Build(Conv1DConfig config, int64_t input_channels,
                                      Conv1DWeights weights);

  const Conv1DConfig& config() const { return config_; }
  int64_t input_channels() const { return input_channels_; }
  int64_t output_channels() const { return config_.filters; }

  // The kernel that the convolution uses, (K, C / groups, F), row-major.
  absl::Span<const float> kernel() const { return kernel_; }
  // (F), or empty without bias.
  absl::Span<const float> bias() const { return bias_; }

  // Checks a request's tensor shape, (N, T, C) or (N, C, T) by data_format.
  // Allocates nothing when it succeeds.
  //   INVALID_ARGUMENT  rank, negative or overflowing dimensions, channels, or
  //                     a sequence shorter than the window; names "shape".
  absl::StatusOr<InputShape> CheckInput(absl::Span<const int64_t> shape) const;

 private:
  Conv1D() = default;

  absl::Status CheckRank(absl::Span<const int64_t> shape) const;
  // Keras' message for a sequence shorter than the window.
  absl::Status EmptyOutput(absl::Span<const int64_t> shape) const;

  Conv1DConfig config_;
  int64_t input_channels_ = 0;
  std::vector<float> kernel_;
  std::vector<float> bias_;
};

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_CONV1D_H_
