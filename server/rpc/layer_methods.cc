#include "server/rpc/layer_methods.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "convoy/v1/layer_service.pb.h"
#include "kernel/base/status_macros.h"
#include "server/repository/version_folder.h"
#include "server/rpc/layer_messages.h"
#include "server/rpc/layer_resource.h"
#include "server/rpc/quoted.h"
#include "server/rpc/threaded_unary.h"
#include "server/rpc/weights_stream.h"

namespace convoy::rpc {
namespace {

using convoy::v1::Layer;
using registry::LiveLayer;
using registry::LiveVersion;
using registry::Snapshot;

constexpr int32_t kDefaultPage = 100;
constexpr int32_t kLargestPage = 1000;

absl::StatusOr<int32_t> PageSize(int32_t asked) {
  if (asked < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size: expected 0 to ", kLargestPage, ", got ", asked));
  }
  return asked == 0 ? kDefaultPage : std::min(asked, kLargestPage);
}

absl::Status Starting() { return absl::UnavailableError("the server is starting"); }

bool IsUnloaded(const Snapshot& snapshot, const std::string& layer) {
  const std::vector<std::string>& unloaded = snapshot.unloaded();
  return std::binary_search(unloaded.begin(), unloaded.end(), layer);
}

void FillUnloaded(const std::string& layer, Layer& message) {
  message.set_name(LayerResourceName(layer));
  message.set_state(Layer::UNLOADED);
}

absl::StatusOr<Layer> GetLayer(const LayerServiceParts& parts,
                               const convoy::v1::GetLayerRequest& request) {
  CONVOY_ASSIGN_OR_RETURN(const LayerResource resource,
                          ParseLayerOrVersion("name", request.name()));
  Layer message;
  // Before the layer is looked at: a change meanwhile makes it stale, not too new.
  message.set_etag(parts.catalog.Etag(resource.layer));
  const std::shared_ptr<const Snapshot> snapshot = parts.registry.snapshot();
  const LiveLayer* const layer = snapshot->FindLayer(resource.layer);
  const bool of_a_version = !resource.version.empty();
  const absl::StatusOr<const LiveVersion*> live =
      management::FindLive(*snapshot, resource.layer, resource.version);
  if (layer == nullptr && !of_a_version && IsUnloaded(*snapshot, resource.layer)) {
    FillUnloaded(resource.layer, message);
    return message;
  }
  if (layer == nullptr || (of_a_version && !live.ok())) return live.status();
  FillSummary(*layer, message);
  if (live.ok()) FillVersion(**live, message);
  return message;
}

bool IsWanted(const Layer& layer, const convoy::v1::ListLayersRequest& request) {
  if (!layer.name().starts_with(LayerResourceName(request.prefix()))) return false;
  const auto& states = request.states();
  return states.empty() || std::find(states.begin(), states.end(), layer.state()) != states.end();
}

// All layers behind `token`, sorted by name; those that are unloaded are null.
std::vector<std::pair<std::string_view, const LiveLayer*>> LayersBehind(const Snapshot& snapshot,
                                                                        const std::string& token) {
  std::vector<std::pair<std::string_view, const LiveLayer*>> layers;
  for (const LiveLayer& layer : snapshot.layers()) {
    if (token < layer.name) layers.emplace_back(layer.name, &layer);
  }
  for (const std::string& name : snapshot.unloaded()) {
    if (token < name && snapshot.FindLayer(name) == nullptr) layers.emplace_back(name, nullptr);
  }
  std::sort(layers.begin(), layers.end());
  return layers;
}

absl::StatusOr<convoy::v1::ListLayersResponse> ListLayers(
    const LayerServiceParts& parts, const convoy::v1::ListLayersRequest& request) {
  CONVOY_ASSIGN_OR_RETURN(const int32_t size, PageSize(request.page_size()));
  for (const int state : request.states()) {
    if (state != Layer::STATE_UNSPECIFIED && Layer::State_IsValid(state)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("states: expected states of a layer, got ", state));
  }
  const std::shared_ptr<const Snapshot> snapshot = parts.registry.snapshot();
  if (!snapshot->complete()) return Starting();
  convoy::v1::ListLayersResponse response;
  for (const auto& [name, layer] : LayersBehind(*snapshot, request.page_token())) {
    Layer message;
    layer != nullptr ? FillSummary(*layer, message) : FillUnloaded(std::string(name), message);
    if (!IsWanted(message, request)) continue;
    if (response.layers_size() == size) {
      // There is more.
      const std::string& last = response.layers(size - 1).name();
      response.set_next_page_token(ParseLayer("name", last).value());
      break;
    }
    *response.add_layers() = std::move(message);
  }
  return response;
}

// The version that the last page ended with.
absl::StatusOr<int64_t> VersionToken(const std::string& token) {
  if (token.empty()) return std::numeric_limits<int64_t>::max();
  if (const auto version = repository::ParseVersion(token)) return *version;
  return absl::InvalidArgumentError(
      absl::StrCat("page_token: expected a next_page_token of this method, got ", Quoted(token)));
}

absl::StatusOr<convoy::v1::ListLayerVersionsResponse> ListLayerVersions(
    const LayerServiceParts& parts, const convoy::v1::ListLayerVersionsRequest& request) {
  CONVOY_ASSIGN_OR_RETURN(const std::string layer, ParseLayer("parent", request.parent()));
  CONVOY_ASSIGN_OR_RETURN(const int32_t size, PageSize(request.page_size()));
  CONVOY_ASSIGN_OR_RETURN(const int64_t below, VersionToken(request.page_token()));
  CONVOY_ASSIGN_OR_RETURN(const std::vector<management::VersionEntry> entries,
                          parts.catalog.Versions(layer));
  convoy::v1::ListLayerVersionsResponse response;
  for (const management::VersionEntry& entry : entries) {
    if (!request.page_token().empty() && entry.version >= below) continue;
    if (response.versions_size() == size) {
      response.set_next_page_token(absl::StrCat(response.versions(size - 1).version()));
      break;
    }
    FillEntry(layer, entry, *response.add_versions());
  }
  return response;
}

absl::StatusOr<convoy::v1::ComputeOutputShapeResponse> ComputeOutputShape(
    const LayerServiceParts& parts, const convoy::v1::ComputeOutputShapeRequest& request) {
  CONVOY_ASSIGN_OR_RETURN(const LayerResource resource,
                          ParseLayerOrVersion("name", request.name()));
  const std::shared_ptr<const Snapshot> snapshot = parts.registry.snapshot();
  CONVOY_ASSIGN_OR_RETURN(const LiveVersion* live,
                          management::FindLive(*snapshot, resource.layer, resource.version));
  const std::vector<int64_t> shape(request.input_shape().begin(), request.input_shape().end());
  CONVOY_ASSIGN_OR_RETURN(const management::SymbolicCall call,
                          management::CallSymbolically(live->handle->compiled(), shape));
  convoy::v1::ComputeOutputShapeResponse response;
  FillSymbolicCall(call, response);
  response.set_version(live->version);
  return response;
}

// Adds a method that only reads.
template <typename Request, typename Response>
void AddReading(const LayerServiceParts& parts, const char* method,
                absl::StatusOr<Response> (*answer)(const LayerServiceParts&, const Request&),
                MethodTable& table) {
  AddThreadedUnary<Request, Response>(
      table, MethodPath(kLayerService, method), parts.threads,
      [parts, answer](Request& request) { return answer(parts, request); });
}

}  // namespace

void AddLayerMethods(const LayerServiceParts& parts, MethodTable& table) {
  AddReading(parts, "GetLayer", GetLayer, table);
  AddReading(parts, "ListLayers", ListLayers, table);
  AddReading(parts, "ListLayerVersions", ListLayerVersions, table);
  AddReading(parts, "ComputeOutputShape", ComputeOutputShape, table);
  AddWeightsStream(parts.catalog, parts.threads, MethodPath(kLayerService, "GetWeights"), table);
}

}  // namespace convoy::rpc
