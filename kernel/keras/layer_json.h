// Keras' JSON form of a Conv1D config, both ways.
#ifndef CONVOY_KERNEL_KERAS_LAYER_JSON_H_
#define CONVOY_KERNEL_KERAS_LAYER_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/layer/conv1d_config.h"

namespace convoy::keras {

// What a config.json says: the layer and, where given, what it was built for.
struct LayerFile {
  layer::Conv1DConfig config;
  // build_config.input_shape, or what an older config says of its input; -1 for
  // null dimensions. Empty when absent.
  std::vector<int64_t> build_input_shape;
  // "3.15.0"; empty when absent.
  std::string keras_version;
};

// Reads {"class_name": "Conv1D", "config": {...}} (config.json of a repository).
//   INVALID_ARGUMENT  not JSON, not a Conv1D, an unknown argument, or a value
//                     that Keras refuses, in Keras' words.
//   UNIMPLEMENTED     a lambda or a custom registered object, by name.
// The text may be anything: see kernel/base/bounded_json.h.
absl::StatusOr<LayerFile> ParseLayer(std::string_view json_text);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_LAYER_JSON_H_
