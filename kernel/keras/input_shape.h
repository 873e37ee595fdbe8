// The shape that a layer was built for, in the forms in which Keras writes it.
#ifndef CONVOY_KERNEL_KERAS_INPUT_SHAPE_H_
#define CONVOY_KERNEL_KERAS_INPUT_SHAPE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace convoy::keras {

// A list of three dimensions, each a number or null, which becomes -1; null gives an
// empty shape. `where` names it in messages.
//   INVALID_ARGUMENT  anything else.
absl::StatusOr<std::vector<int64_t>> ParseInputShape(std::string_view where,
                                                     const nlohmann::json& shape);

// Takes what Keras 2 kept of the first layer of a model out of `config`, the layer's
// arguments: `batch_input_shape` (or `batch_shape`), else `input_shape` with
// `batch_size`, else `input_dim` with `input_length`. Empty without any of them.
//   INVALID_ARGUMENT  the one that counts is no shape of rank 3.
// REQUIRES: an object.
absl::StatusOr<std::vector<int64_t>> TakeKeras2InputShape(nlohmann::json& config);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_INPUT_SHAPE_H_
