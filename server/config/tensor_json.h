// How pages describe a tensor.
#ifndef CONVOY_SERVER_CONFIG_TENSOR_JSON_H_
#define CONVOY_SERVER_CONFIG_TENSOR_JSON_H_

#include <nlohmann/json.hpp>
#include <string_view>

#include "kernel/layer/dtype.h"
#include "kernel/layer/tensor_spec.h"

namespace convoy::config {

// {"name": "input", "datatype": "FP32", "shape": [-1, -1, 1]}, the shape (N, T, C), or
// (N, C, T) for channels_first, with -1 for what a request decides.
inline nlohmann::ordered_json TensorJson(std::string_view name, const layer::TensorSpec& spec) {
  return {{"name", name}, {"datatype", layer::ProtocolName(spec.dtype)}, {"shape", spec.shape}};
}

}  // namespace convoy::config

#endif  // CONVOY_SERVER_CONFIG_TENSOR_JSON_H_
