// Layers with given numbers, from few words.
#ifndef CONVOY_TESTS_KERNEL_SUPPORT_LAYER_BUILDER_H_
#define CONVOY_TESTS_KERNEL_SUPPORT_LAYER_BUILDER_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/layer/conv1d.h"
#include "tests/kernel/support/float_tensor.h"

namespace convoy::testing {

// The layer of `config` on `channels` with `kernel` and, unless empty, `bias`.
inline absl::StatusOr<layer::Conv1D> MakeLayer(layer::Conv1DConfig config, int64_t channels,
                                               const std::vector<float>& kernel,
                                               const std::vector<float>& bias = {}) {
  layer::Conv1DWeights weights;
  weights.kernel =
      FloatTensor({config.window.kernel_size, channels / config.groups, config.filters}, kernel);
  if (!bias.empty()) weights.bias = FloatTensor({static_cast<int64_t>(bias.size())}, bias);
  return layer::Conv1D::Build(std::move(config), channels, std::move(weights));
}

}  // namespace convoy::testing

#endif  // CONVOY_TESTS_KERNEL_SUPPORT_LAYER_BUILDER_H_
