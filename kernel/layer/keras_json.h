// Keras' JSON form of a Conv1D config, both ways.
#ifndef CONVOY_KERNEL_LAYER_KERAS_JSON_H_
#define CONVOY_KERNEL_LAYER_KERAS_JSON_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/layer/conv1d_config.h"
#include "kernel/layer/losses.h"

namespace convoy::layer {

// What a config.json says: the layer and, where given, what it was built for.
struct KerasLayerFile {
  Conv1DConfig config;
  // build_config.input_shape, or batch_input_shape of an older config; -1 for
  // null dimensions. Empty when absent.
  std::vector<int64_t> build_input_shape;
  // "3.15.0"; empty when absent.
  std::string keras_version;
};

// Reads {"class_name": "Conv1D", "config": {...}} (config.json of a repository).
//   INVALID_ARGUMENT  not JSON, not a Conv1D, an unknown argument, or a value
//                     that Keras refuses, in Keras' words.
//   UNIMPLEMENTED     a lambda or a custom registered object, by name.
absl::StatusOr<KerasLayerFile> ParseKerasLayer(std::string_view json_text);

// The arguments alone: the value of "config". `keras_major` is 2 for configs of
// Keras 2 and TensorFlow.js; it decides what names such as "hard_sigmoid" mean.
absl::StatusOr<Conv1DConfig> ParseConv1DConfig(const nlohmann::json& config, int keras_major = 3);

// get_config(): keys in Keras' order. ParseConv1DConfig of it is a fixed point.
nlohmann::ordered_json ToKerasConfig(const Conv1DConfig& config);

// The same as the text of a config.json, with its class name.
std::string ToKerasText(const Conv1DConfig& config);

// Penalties for people: {"kernel": 0.25, "bias": 0.5}, or {"error": "..."}.
nlohmann::ordered_json ToJson(const absl::StatusOr<std::vector<WeightLoss>>& losses);

}  // namespace convoy::layer

#endif  // CONVOY_KERNEL_LAYER_KERAS_JSON_H_
