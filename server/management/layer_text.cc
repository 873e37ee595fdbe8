#include "server/management/layer_text.h"

#include <nlohmann/json.hpp>

#include "kernel/base/json_text.h"
#include "kernel/keras/conv1d_json.h"

namespace convoy::management {

using Json = nlohmann::ordered_json;

std::string KerasText(const layer::Conv1D& layer) {
  const layer::Conv1DConfig& config = layer.config();
  Json shape = {nullptr, nullptr, nullptr};
  shape[config.data_format == layer::DataFormat::kChannelsLast ? 2 : 1] = layer.input_channels();
  const Json text = {{"module", "keras.layers"},
                     {"class_name", "Conv1D"},
                     {"config", keras::ToJson(config)},
                     {"registered_name", nullptr},
                     {"build_config", {{"input_shape", std::move(shape)}}}};
  return JsonText(text);
}

std::string ConstraintsName(repository::Constraints constraints) {
  repository::ServingConfig config;
  config.constraints = constraints;
  return repository::ToJson(config)["constraints"];
}

}  // namespace convoy::management
