#include "server/http/model_pages.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/base/protocol_names.h"
#include "server/config/tensor_json.h"

namespace convoy::http {
namespace {

using Json = nlohmann::ordered_json;
using config::TensorJson;
using registry::LiveVersion;
using registry::Registry;
using registry::Snapshot;

std::string Parameter(const Request& request, const std::string& name) {
  const auto found = request.parameters.find(name);
  return found == request.parameters.end() ? "" : found->second;
}

absl::StatusOr<const LiveVersion*> Find(const Snapshot& snapshot, const Request& request) {
  return snapshot.Find(Parameter(request, "name"), Parameter(request, "version"));
}

// What Find says when it finds none.
Response NotFound(const Request& request, const absl::Status& status) {
  const absl::string_view message = status.message();
  return ErrorResponse(request, absl::IsNotFound(status) ? 404 : 503,
                       {message.data(), message.size()});
}

Response Metadata(const Registry& registry, const Request& request) {
  const std::shared_ptr<const Snapshot> snapshot = registry.snapshot();
  const absl::StatusOr<const LiveVersion*> live = Find(*snapshot, request);
  if (!live.ok()) return NotFound(request, live.status());
  Json versions = Json::array();
  for (const auto& version : snapshot->FindLayer((*live)->name)->versions) {
    versions.push_back(version->version_text);
  }
  const layer::Conv1D& layer = *(*live)->layer;
  return JsonResponse(
      200, {{"name", (*live)->name},
            {"versions", std::move(versions)},
            {"platform", kPlatform},
            {"inputs", Json::array({TensorJson(kInputName, layer::InputSpec(layer))})},
            {"outputs", Json::array({TensorJson(kOutputName, layer::OutputSpec(layer))})}});
}

Response Ready(const Registry& registry, const Request& request) {
  const absl::Status found = Find(*registry.snapshot(), request).status();
  if (!found.ok()) return NotFound(request, found);
  if (registry.draining()) return ErrorResponse(request, 503, "the server is draining");
  return JsonResponse(200, {{"name", Parameter(request, "name")}, {"ready", true}});
}

}  // namespace

void AddModelPages(const Registry& registry, const std::string& grpc_address, Router& router) {
  const Route metadata{
      .page = [&registry](const Request& request) { return Metadata(registry, request); }};
  const Route ready{
      .page = [&registry](const Request& request) { return Ready(registry, request); },
      .at_once = true};
  const Route infer{.page = [grpc_address](const Request&) {
    return JsonResponse(
        501,
        {{"error", absl::StrCat("inference is served over gRPC (Open Inference Protocol v2) at ",
                                grpc_address, ", not over HTTP")},
         {"grpc_address", grpc_address}});
  }};
  for (const std::string path : {"/v2/models/{name}", "/v2/models/{name}/versions/{version}"}) {
    router.Add("GET", path, metadata);
    router.Add("GET", path + "/ready", ready);
    router.Add("POST", path + "/infer", infer);
  }
}

}  // namespace convoy::http
