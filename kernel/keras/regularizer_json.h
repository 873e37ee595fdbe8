// keras.regularizers in the forms in which Keras reads and writes them.
#ifndef CONVOY_KERNEL_KERAS_REGULARIZER_JSON_H_
#define CONVOY_KERNEL_KERAS_REGULARIZER_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "kernel/layer/regularizer.h"

namespace convoy::keras {

// A name or an object. In Keras 2 and TensorFlow.js "l1_l2" and "l1l2" mean
// 0.01 and 0.01. REQUIRES: not null.
//   INVALID_ARGUMENT  Keras refuses it, in Keras' words.
//   UNIMPLEMENTED     a custom object, by name.
absl::StatusOr<layer::Regularizer> ParseRegularizer(const nlohmann::json& value, int keras_major);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_REGULARIZER_JSON_H_
