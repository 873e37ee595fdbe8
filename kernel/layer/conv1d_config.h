// The arguments of keras.layers.Conv1D, checked.
#ifndef CONVOY_KERNEL_LAYER_CONV1D_CONFIG_H_
#define CONVOY_KERNEL_LAYER_CONV1D_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "kernel/layer/activation.h"
#include "kernel/layer/constraint.h"
#include "kernel/layer/dtype_policy.h"
#include "kernel/layer/initializer.h"
#include "kernel/layer/regularizer.h"
#include "kernel/layer/window.h"

namespace convoy::layer {

enum class DataFormat : uint8_t {
  kChannelsLast,   // tensors are (N, T, C)
  kChannelsFirst,  // tensors are (N, C, T)
};

// What a layer given as `activation` has beyond its function.
struct ActivationLayer {
  // get_config() of the layer, as JSON text.
  std::string keras_json;
  // It casts its input, and so the layer's output, to its own compute dtype.
  DTypePolicy dtype_policy;
  // PReLU only.
  std::optional<Initializer> slope_initializer;
  std::optional<Regularizer> slope_regularizer;
};

// kernel/keras makes it from Keras' JSON and refuses what Keras refuses, in Keras'
// order; a struct filled by hand must satisfy the same rules.
struct Conv1DConfig {
  std::string name = "conv1d";
  bool trainable = true;
  DTypePolicy dtype_policy;  // the argument `dtype`
  int64_t filters = 0;
  Window window;  // kernel_size, strides, dilation_rate, padding
  DataFormat data_format = DataFormat::kChannelsLast;
  int64_t groups = 1;
  Activation activation;
  std::optional<ActivationLayer> activation_layer;  // when it is not a function
  bool use_bias = true;
  std::optional<Initializer> kernel_initializer;  // none: glorot_uniform
  std::optional<Initializer> bias_initializer;    // none: zeros
  std::optional<Regularizer> kernel_regularizer;
  std::optional<Regularizer> bias_regularizer;
  std::optional<Regularizer> activity_regularizer;
  std::optional<Constraint> kernel_constraint;
  std::optional<Constraint> bias_constraint;
  std::optional<int64_t> lora_rank;  // at least 1 when given
  std::optional<double> lora_alpha;  // none: lora_rank
};

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_CONV1D_CONFIG_H_
