// Compiled layers of ones.
#ifndef CONVOY_TESTS_SERVER_MANAGEMENT_BUILT_LAYER_H_
#define CONVOY_TESTS_SERVER_MANAGEMENT_BUILT_LAYER_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "kernel/engine/compiled_layer.h"
#include "kernel/layer/conv1d.h"

namespace convoy::management {

inline std::shared_ptr<const layer::Conv1D> BuildOnes(layer::Conv1DConfig config,
                                                      int64_t channels) {
  config.use_bias = false;
  layer::Conv1DWeights weights;
  weights.kernel.shape = layer::KernelShape(config, channels);
  const std::vector<float> ones(
      config.window.kernel_size * channels / config.groups * config.filters, 1.0F);
  const auto* bytes = reinterpret_cast<const std::byte*>(ones.data());
  weights.kernel.data.assign(bytes, bytes + ones.size() * sizeof(float));
  absl::StatusOr<layer::Conv1D> built =
      layer::Conv1D::Build(std::move(config), channels, std::move(weights));
  return std::make_shared<const layer::Conv1D>(std::move(built).value());
}

inline std::unique_ptr<engine::CompiledLayer> Compile(layer::Conv1DConfig config,
                                                      int64_t channels) {
  return std::move(engine::CompiledLayer::Create(BuildOnes(std::move(config), channels))).value();
}

}  // namespace convoy::management

#endif  // CONVOY_TESTS_SERVER_MANAGEMENT_BUILT_LAYER_H_
