// The `activation` argument in the forms in which Keras reads and writes it.
#ifndef CONVOY_KERNEL_KERAS_ACTIVATION_JSON_H_
#define CONVOY_KERNEL_KERAS_ACTIVATION_JSON_H_

#include <nlohmann/json.hpp>
#include <optional>

#include "absl/status/statusor.h"
#include "kernel/layer/activation.h"
#include "kernel/layer/dtype_policy.h"
#include "kernel/layer/initializer.h"
#include "kernel/layer/regularizer.h"

namespace convoy::keras {

struct ActivationArgument {
  layer::Activation activation;
  // What get_config writes: the function's name, or the layer object.
  nlohmann::ordered_json json = "linear";
  // Only for a layer object: its own dtype policy.
  std::optional<layer::DTypePolicy> layer_policy;
  // Only for PReLU: what its slopes are when no file brings them.
  std::optional<layer::Initializer> slope_initializer;
  // Only for PReLU, when its slopes are penalised.
  std::optional<layer::Regularizer> slope_regularizer;
};

// null, a name, a function object, or one of the layers ReLU, LeakyReLU, ELU,
// PReLU, Softmax, Activation.
//   INVALID_ARGUMENT  Keras refuses it, in Keras' words.
//   UNIMPLEMENTED     a lambda or a custom object, by name.
absl::StatusOr<ActivationArgument> ParseActivation(const nlohmann::json& value, int keras_major);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_ACTIVATION_JSON_H_
