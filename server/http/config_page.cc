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

Json TensorJson(std::string_view name, layer::DataFormat format, int64_t channels) {
  const bool channels_last = format == layer::DataFormat::kChannelsLast;
  return Json{{"name", name},
              {"datatype", layer::ProtocolName(layer::DType::kFloat32)},
              {"shape", channels_last ? Json{-1, -1, channels} : Json{-1, channels, -1}}};
}

Json VersionJson(const registry::LiveLayer& live) {
  const layer::Conv1DConfig& config = live.layer->config();
  return Json{{"version", live.version},
              {"config", {{"class_name", "Conv1D"}, {"config", layer::ToKerasConfig(config)}}},
              {"input", TensorJson("input", config.data_format, live.layer->input_channels())},
              {"output", TensorJson("output", config.data_format, live.layer->output_channels())}};
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
