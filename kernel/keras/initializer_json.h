// keras.initializers in the forms in which Keras reads and writes them.
#ifndef CONVOY_KERNEL_KERAS_INITIALIZER_JSON_H_
#define CONVOY_KERNEL_KERAS_INITIALIZER_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "kernel/layer/initializer.h"

namespace convoy::keras {

// A name, or an object of Keras 2, 3 or TensorFlow.js. REQUIRES: not null.
//   INVALID_ARGUMENT  Keras refuses it, in Keras' words.
//   UNIMPLEMENTED     a custom object, by name.
absl::StatusOr<layer::Initializer> ParseInitializer(const nlohmann::json& value);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_INITIALIZER_JSON_H_
