// A serialized Keras object: an initializer, regularizer, constraint, dtype
// policy or activation inside a layer's config.
#ifndef CONVOY_KERNEL_KERAS_KERAS_OBJECT_H_
#define CONVOY_KERNEL_KERAS_KERAS_OBJECT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace convoy::keras {

struct KerasObject {
  // "GlorotUniform"; the function's name for a function.
  std::string class_name;
  // Its arguments; empty for a function or an object given by name.
  nlohmann::json config = nlohmann::json::object();
  bool is_function = false;
};

// Reads {"class_name": ..., "config": {...}} with or without Keras 3's module
// and registered_name. `what` names the argument in messages.
// A config of null, or none, means no arguments.
//   INVALID_ARGUMENT  not an object of that form.
//   UNIMPLEMENTED     a lambda, or an object of somebody's own module.
absl::StatusOr<KerasObject> ReadKerasObject(std::string_view what, const nlohmann::json& value);

// The form that Keras 3 writes.
nlohmann::ordered_json WriteKerasObject(std::string_view module, std::string_view class_name,
                                        nlohmann::ordered_json config);

// The `keras_json` of a struct of kernel/layer, which keeps it as text; null when
// nobody filled it.
nlohmann::ordered_json FromKerasText(const std::string& keras_json);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_KERAS_OBJECT_H_
