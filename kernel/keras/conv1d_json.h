// The arguments of keras.layers.Conv1D as get_config() writes them.
#ifndef CONVOY_KERNEL_KERAS_CONV1D_JSON_H_
#define CONVOY_KERNEL_KERAS_CONV1D_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "kernel/layer/conv1d_config.h"

namespace convoy::keras {

// The arguments alone: the value of "config". `keras_major` is 2 for configs of
// Keras 2 and TensorFlow.js; it decides what names such as "hard_sigmoid" mean.
absl::StatusOr<layer::Conv1DConfig> ParseConv1DConfig(const nlohmann::json& config,
                                                      int keras_major = 3);

// get_config(): keys in Keras' order. ParseConv1DConfig of it is a fixed point.
nlohmann::ordered_json ToJson(const layer::Conv1DConfig& config);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_CONV1D_JSON_H_
