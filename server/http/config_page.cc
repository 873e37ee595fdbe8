#include "server/http/config_page.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "kernel/keras/conv1d_json.h"
#include "kernel/keras/losses_json.h"
#include "kernel/layer/conv1d_config.h"
#include "server/base/protocol_names.h"
#include "server/http/tensor_json.h"
#include "server/repository/serving_config.h"

namespace convoy::http {
namespace {

using Json = nlohmann::ordered_json;

Json VersionJson(const registry::LiveVersion& live) {
  const layer::Conv1D& layer = *live.layer;
  const layer::Conv1DConfig& config = layer.config();
  return Json{{"version", live.version},
              {"config", {{"class_name", "Conv1D"}, {"config", keras::ToJson(config)}}},
              {"input", TensorJson(kInputName, layer::InputSpec(layer))},
              {"output", TensorJson(kOutputName, layer::OutputSpec(layer))},
              {"count_params", layer.variables().count_params},
              {"losses", keras::ToJson(layer.variables().losses)},
              {"compute_dtype", layer::KerasName(layer.compute_dtype())},
              {"variable_dtype", layer::KerasName(config.dtype_policy.variable_dtype)},
              {"serving", repository::ToJson(live.serving)},
              {"checksum", live.checksums.version},
              {"execution", live.DescribeExecution()}};
}

const char* StateOf(const registry::LiveLayer& layer) {
  if (!layer.versions.empty()) return "ready";
  return layer.errors.empty() ? "incomplete" : "broken";
}

Json LayerJson(const registry::LiveLayer& layer) {
  Json versions = Json::array();
  for (const auto& live : layer.versions) versions.push_back(VersionJson(*live));
  Json incomplete = Json::array();
  for (const absl::Status& problem : layer.incomplete) {
    incomplete.push_back(std::string(problem.message()));
  }
  Json errors = Json::array();
  for (const absl::Status& error : layer.errors) errors.push_back(std::string(error.message()));
  return Json{{"name", layer.name},
              {"state", StateOf(layer)},
              {"versions", std::move(versions)},
              {"errors", std::move(errors)},
              {"incomplete", std::move(incomplete)}};
}

}  // namespace

Json ConfigPage(const Json& server, const registry::Snapshot& snapshot) {
  Json layers = Json::array();
  for (const registry::LiveLayer& layer : snapshot.layers()) layers.push_back(LayerJson(layer));
  return Json{{"server", server}, {"layers", std::move(layers)}};
}

void AddConfigPage(const registry::Registry& registry, Json server, Router& router) {
  router.Add("GET", "/config", {.page = [&registry, server = std::move(server)](const Request&) {
               return JsonResponse(200, ConfigPage(server, *registry.snapshot()));
             }});
}

}  // namespace convoy::http
