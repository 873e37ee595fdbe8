// A layer as the registry holds it, for tests that only look at it.
#ifndef CONVOY_TESTS_SERVER_HTTP_LIVE_VERSION_FOR_TEST_H_
#define CONVOY_TESTS_SERVER_HTTP_LIVE_VERSION_FOR_TEST_H_

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "kernel/engine/compiled_layer.h"
#include "kernel/layer/conv1d.h"
#include "server/batching/layer_handle.h"
#include "server/registry/registry.h"

namespace convoy::http {

// Compiled, so that it can say what it runs as.
inline std::shared_ptr<const registry::LiveVersion> LiveVersionForTest(
    std::string name, int64_t version, std::shared_ptr<const layer::Conv1D> layer) {
  auto live = std::make_shared<registry::LiveVersion>();
  live->name = std::move(name);
  live->version = version;
  live->version_text = std::to_string(version);
  live->layer = layer;
  live->handle = std::make_shared<batching::LayerHandle>(
      engine::CompiledLayer::Create(std::move(layer)).value(), nullptr);
  return live;
}

// Of kernel size 2, over zeros.
inline std::shared_ptr<const registry::LiveVersion> LiveVersionForTest(std::string name,
                                                                       int64_t version,
                                                                       layer::DataFormat format,
                                                                       int64_t channels,
                                                                       int64_t filters) {
  layer::Conv1DConfig config;
  config.name = name;
  config.filters = filters;
  config.window.kernel_size = 2;
  config.data_format = format;
  config.use_bias = false;
  layer::Conv1DWeights weights;
  weights.kernel.shape = {2, channels, filters};
  weights.kernel.data.resize(2 * channels * filters * sizeof(float));
  absl::StatusOr<layer::Conv1D> built =
      layer::Conv1D::Build(std::move(config), channels, std::move(weights));
  EXPECT_TRUE(built.ok()) << built.status();
  return LiveVersionForTest(std::move(name), version,
                            std::make_shared<const layer::Conv1D>(*std::move(built)));
}

}  // namespace convoy::http

#endif  // CONVOY_TESTS_SERVER_HTTP_LIVE_VERSION_FOR_TEST_H_
