#include "server/rpc/health_methods.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/rpc/health_watch.h"
#include "server/rpc/unary_method.h"

namespace convoy::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::health::v1::HealthListRequest;
using grpc::health::v1::HealthListResponse;

std::string Path(std::string_view method) { return MethodPath("grpc.health.v1.Health", method); }

absl::StatusOr<HealthCheckResponse> Check(const registry::Registry& registry,
                                          const HealthCheckRequest& request) {
  HealthCheckResponse response;
  response.set_status(ServingStatusOf(registry, request.service()));
  if (response.status() == HealthCheckResponse::SERVICE_UNKNOWN) {
    return absl::NotFoundError("service: expected \"\" or a layer's name, got a name of no layer");
  }
  return response;
}

HealthListResponse List(const registry::Registry& registry) {
  HealthListResponse response;
  auto& statuses = *response.mutable_statuses();
  statuses[""].set_status(ServingStatusOf(registry, ""));
  for (const registry::LiveLayer& layer : registry.snapshot()->layers()) {
    statuses[layer.name].set_status(ServingStatusOf(registry, layer.name));
  }
  return response;
}

}  // namespace

ServingStatus ServingStatusOf(const registry::Registry& registry, std::string_view name) {
  bool serving = registry.ready();
  if (!name.empty()) {
    const std::shared_ptr<const registry::Snapshot> snapshot = registry.snapshot();
    const registry::LiveLayer* layer = snapshot->FindLayer(name);
    if (layer == nullptr && snapshot->complete()) return HealthCheckResponse::SERVICE_UNKNOWN;
    serving = layer != nullptr && !layer->versions.empty() && !registry.draining();
  }
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void AddHealthMethods(const registry::Registry& registry, HealthPublisher& publisher,
                      MethodTable& table) {
  AddUnary<HealthCheckRequest, HealthCheckResponse>(
      table, Path("Check"), [&](const auto& request) { return Check(registry, request); });
  AddUnary<HealthListRequest, HealthListResponse>(table, Path("List"),
                                                  [&](const auto&) { return List(registry); });
  table.Add(Path("Watch"), [&](TableCall& call) {
    return std::make_unique<HealthWatch>(call, registry, publisher);
  });
}

}  // namespace convoy::rpc
