// A layer as the registry holds it, for tests that only look at it.
#ifndef CONVOY_TESTS_SERVER_HTTP_LIVE_LAYER_FOR_TEST_H_
#define CONVOY_TESTS_SERVER_HTTP_LIVE_LAYER_FOR_TEST_H_

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "kernel/layer/conv1d.h"
#include "server/registry/registry.h"

namespace convoy::http {

// A layer of kernel size 2 over zeros; it cannot be called.
inline std::shared_ptr<const registry::LiveLayer> LiveLayerForTest(std::string name,
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
  auto live = std::make_shared<registry::LiveLayer>();
  live->name = std::move(name);
  live->version = version;
  live->version_text = std::to_string(version);
  live->layer = std::make_shared<const layer::Conv1D>(*std::move(built));
  return live;
}

}  // namespace convoy::http

#endif  // CONVOY_TESTS_SERVER_HTTP_LIVE_LAYER_FOR_TEST_H_
