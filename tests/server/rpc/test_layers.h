// Layers as the registry would hold them.
#ifndef CONVOY_TESTS_SERVER_RPC_TEST_LAYERS_H_
#define CONVOY_TESTS_SERVER_RPC_TEST_LAYERS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kernel/layer/conv1d.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"

namespace convoy::rpc {

// Two input channels, three filters, kernel_size 3, every weight 1 and no bias,
// unless `config` says otherwise: then every bias is `bias`.
inline layer::Conv1DConfig TestConfig() {
  layer::Conv1DConfig config;
  config.filters = 3;
  config.window.kernel_size = 3;
  config.use_bias = false;
  return config;
}

inline std::shared_ptr<const layer::Conv1D> BuildLayer(layer::Conv1DConfig config,
                                                       int64_t channels = 2, float bias = 0) {
  layer::Conv1DWeights weights;
  weights.kernel.shape = {config.window.kernel_size, channels / config.groups, config.filters};
  const std::vector<float> ones(
      config.window.kernel_size * (channels / config.groups) * config.filters, 1.0f);
  const auto* bytes = reinterpret_cast<const std::byte*>(ones.data());
  weights.kernel.data.assign(bytes, bytes + ones.size() * sizeof(float));
  if (config.use_bias) {
    const std::vector<float> biases(config.filters, bias);
    const auto* const begin = reinterpret_cast<const std::byte*>(biases.data());
    weights.bias = layer::Tensor{layer::DType::kFloat32, {config.filters}, {}};
    weights.bias->data.assign(begin, begin + biases.size() * sizeof(float));
  }
  absl::StatusOr<layer::Conv1D> layer =
      layer::Conv1D::Build(std::move(config), channels, std::move(weights));
  return std::make_shared<const layer::Conv1D>(std::move(layer).value());
}

inline std::shared_ptr<const registry::LiveVersion> MakeLiveVersion(
    const std::string& name, int64_t version, std::shared_ptr<const layer::Conv1D> layer,
    metrics::LayerMetrics* metrics = nullptr) {  // lives longer than the version
  registry::LiveVersion live;
  live.name = name;
  live.version = version;
  live.version_text = absl::StrCat(version);
  live.layer = std::move(layer);
  live.metrics = {std::shared_ptr<void>(), metrics};
  return std::make_shared<const registry::LiveVersion>(std::move(live));
}

}  // namespace convoy::rpc

#endif  // CONVOY_TESTS_SERVER_RPC_TEST_LAYERS_H_
