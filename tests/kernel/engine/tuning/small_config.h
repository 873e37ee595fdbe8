// The layer that tests time: small, with a window.
#ifndef CONVOY_TESTS_KERNEL_ENGINE_TUNING_SMALL_CONFIG_H_
#define CONVOY_TESTS_KERNEL_ENGINE_TUNING_SMALL_CONFIG_H_

#include "kernel/layer/conv1d_config.h"

namespace convoy::engine {

inline layer::Conv1DConfig SmallConfig() {
  layer::Conv1DConfig config;
  config.filters = 8;
  config.window.kernel_size = 5;
  return config;
}

}  // namespace convoy::engine

#endif  // CONVOY_TESTS_KERNEL_ENGINE_TUNING_SMALL_CONFIG_H_
