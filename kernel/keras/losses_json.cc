#include "kernel/keras/losses_json.h"

#include <string>

namespace convoy::keras {

nlohmann::ordered_json ToJson(const absl::StatusOr<std::vector<layer::WeightLoss>>& losses) {
  nlohmann::ordered_json values = nlohmann::ordered_json::object();
  if (!losses.ok()) {
    values["error"] = std::string(losses.status().message());
    return values;
  }
  for (const layer::WeightLoss& loss : *losses) values[loss.variable] = loss.value;
  return values;
}

}  // namespace convoy::keras
