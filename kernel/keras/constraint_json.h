// keras.constraints in the forms in which Keras reads and writes them.
#ifndef CONVOY_KERNEL_KERAS_CONSTRAINT_JSON_H_
#define CONVOY_KERNEL_KERAS_CONSTRAINT_JSON_H_

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "kernel/layer/constraint.h"

namespace convoy::keras {

// A name or an object. `keras_major` decides which names there are. REQUIRES:
// not null.
//   INVALID_ARGUMENT  Keras refuses it, in Keras' words.
//   UNIMPLEMENTED     a custom object, by name.
absl::StatusOr<layer::Constraint> ParseConstraint(const nlohmann::json& value, int keras_major = 3);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_CONSTRAINT_JSON_H_
