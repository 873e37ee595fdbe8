#include "server/http/config_page.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "kernel/layer/conv1d_config.h"
#include "kernel/layer/dtype.h"
#include "kernel/layer/keras_json.h"

namespace convoy::http {
namespace {

using Json = nlohmann::ordered_json;

Json TensorJson(std::string_view name, const layer::TensorSpec& spec) {
  return Json{{"name", name}, {"datatype", layer::ProtocolName(spec.dtype)}, {"shape", spec.shape}};
}

Json VersionJson(const registry::LiveLayer& live) {
  const layer::Conv1D& layer = *live.layer;
  const layer::Conv1DConfig& config = layer.config();
  return Json{{"version", live.version},
              {"config", {{"class_name", "Conv1D"}, {"config", layer::ToKerasConfig(config)}}},
              {"input", TensorJson("input", layer.input_spec())},
              {"output", TensorJson("output", layer.output_spec())},
              {"count_params", layer.count_params()},
              {"losses", layer::ToJson(layer.weight_losses())},
              {"execution", live.describe_execution ? live.describe_execution() : ""}};
}

Json LayerJson(const registry::LayerEntry& entry) {
  Json versions = Json::array();
  for (const auto& live : entry.versions) versions.push_back(VersionJson(*live));
  Json errors = Json::array();
  for (const absl::Status& error : entry.errors) errors.push_back(std::string(error.message()));
  return Json{{"name", entry.name},
              {"state", entry.versions.empty() ? "broken" : "ready"},
              {"versions", std::move(versions)},
              {"errors", std::move(errors)}};
}

}  // namespace

Json ConfigPage(const Json& server, const registry::Snapshot& snapshot) {
  Json layers = Json::array();
  for (const registry::LayerEntry& entry : snapshot.entries()) layers.push_back(LayerJson(entry));
  return Json{{"server", server}, {"layers", std::move(layers)}};
}

}  // namespace convoy::http
