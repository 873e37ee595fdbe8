// The arguments of keras.layers.Conv1D, checked.
#ifndef CONVOY_KERNEL_LAYER_CONV1D_CONFIG_H_
#define CONVOY_KERNEL_LAYER_CONV1D_CONFIG_H_

#include <cstdint>
#include <string>

#include "kernel/layer/activation.h"
#include "kernel/layer/window.h"

namespace convoy::layer {

enum class DataFormat : uint8_t {
  kChannelsLast,   // tensors are (N, T, C)
  kChannelsFirst,  // tensors are (N, C, T)
};

// Made by ParseConv1DConfig (keras_json.h), which refuses what Keras refuses in
// Keras' order; a struct filled by hand must satisfy the same rules.
struct Conv1DConfig {
  std::string name = "conv1d";
  bool trainable = true;
  int64_t filters = 0;
  Window window;  // kernel_size, strides, dilation_rate, padding
  DataFormat data_format = DataFormat::kChannelsLast;
  int64_t groups = 1;
  Activation activation;
  bool use_bias = true;
};

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_CONV1D_CONFIG_H_
