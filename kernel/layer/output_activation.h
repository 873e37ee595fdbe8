// The activation of a built layer.
#ifndef CONVOY_KERNEL_LAYER_OUTPUT_ACTIVATION_H_
#define CONVOY_KERNEL_LAYER_OUTPUT_ACTIVATION_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "kernel/layer/activation.h"
#include "kernel/layer/axis_activation.h"
#include "kernel/layer/conv1d_config.h"
#include "kernel/layer/tensor.h"
#include "kernel/layer/tensor_view.h"

namespace convoy::layer {

// A layer's activation with what it needs to know of the layer: which axis is
// which, and the slopes of a PReLU. Immutable and thread-safe.
class OutputActivation {
 public:
  // linear.
  OutputActivation() = default;
  // `slopes` are a PReLU's from the weights file; without them the layer's
  // initializer makes them.
  //   INVALID_ARGUMENT  slopes that only a file can bring are missing.
  // REQUIRES: CheckWeights accepts the slopes.
  static absl::StatusOr<OutputActivation> Make(const Conv1DConfig& config,
                                               const std::optional<Tensor>& slopes);

  // How much of the output the activation looks at to make one value.
  ActivationReach reach() const;

  // The only number of output frames that it takes, where it has slopes for each.
  std::optional<int64_t> fixed_frames() const;

  // Of a PReLU only.
  const PReluSlopes& slopes() const { return slopes_; }

  // Not rounded. Views are of one or more whole frames, sequences or requests, as
  // the reach demands, and in any order of axes; `output` may be `input`'s memory
  // and is half as wide after a glu. With a reach of kElement, ApplyElementwise
  // over a run is faster.
  void Apply(const TensorView<const float>& input, const TensorView<float>& output) const;
  void Apply(const TensorView<const double>& input, const TensorView<double>& output) const;

  // The numbers, of the arguments' type, that Apply allocates for `sequences` times
  // `frames` times `channels` of them.
  int64_t ScratchNumbers(int64_t sequences, int64_t frames, int64_t channels) const;

 private:
  Activation activation_;
  LogicalAxes axes_;
  PReluSlopes slopes_;
  bool frames_fixed_ = false;  // slopes_.frames is the only number of frames
};

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_OUTPUT_ACTIVATION_H_
