// What layer.losses says, for people.
#ifndef CONVOY_KERNEL_KERAS_LOSSES_JSON_H_
#define CONVOY_KERNEL_KERAS_LOSSES_JSON_H_

#include <nlohmann/json.hpp>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/layer/losses.h"

namespace convoy::keras {

// Penalties for people: {"kernel": 0.25, "bias": 0.5}, or {"error": "..."}.
nlohmann::ordered_json ToJson(const absl::StatusOr<std::vector<layer::WeightLoss>>& losses);

}  // namespace convoy::keras

#endif  // CONVOY_KERNEL_KERAS_LOSSES_JSON_H_
