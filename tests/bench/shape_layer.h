// A layer of a benchmark's shape.
#ifndef CONVOY_TESTS_BENCH_SHAPE_LAYER_H_
#define CONVOY_TESTS_BENCH_SHAPE_LAYER_H_

#include <memory>
#include <string>

#include "kernel/layer/conv1d.h"
#include "tests/bench/shapes.h"
#include "tests/kernel/support/random_layer.h"

namespace convoy::bench {

// With random weights.
inline std::shared_ptr<const layer::Conv1D> LayerFor(const Shape& shape, testing::Random& random) {
  layer::Conv1DConfig config;
  config.filters = shape.filters;
  config.groups = shape.groups;
  config.window.kernel_size = shape.kernel_size;
  config.window.strides = shape.strides;
  config.window.dilation_rate = shape.dilation;
  const std::string padding = shape.padding;
  config.window.padding = {padding == "same"       ? layer::PaddingMode::kSame
                           : padding == "causal"   ? layer::PaddingMode::kCausal
                           : padding == "explicit" ? layer::PaddingMode::kExplicit
                                                   : layer::PaddingMode::kValid,
                           shape.pad, shape.pad};
  return testing::LayerOf(config, shape.channels, random);
}

}  // namespace convoy::bench

#endif  // CONVOY_TESTS_BENCH_SHAPE_LAYER_H_
