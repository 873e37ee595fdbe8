#include "server/rpc/health_service.h"

#include <memory>

namespace convoy::rpc {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

ServingStatus HealthService::StatusOf(std::string_view name) const {
  bool serving = registry_.ready();
  if (!name.empty()) {
    const std::shared_ptr<const registry::Snapshot> snapshot = registry_.snapshot();
    const registry::LiveLayer* layer = snapshot->FindLayer(name);
    if (layer == nullptr) return HealthCheckResponse::SERVICE_UNKNOWN;
    serving = serving && !layer->versions.empty();
  }
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

grpc::Status HealthService::Check(grpc::ServerContext*, const HealthCheckRequest* request,
                                  HealthCheckResponse* response) {
  const ServingStatus status = StatusOf(request->service());
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND,
                        "service: expected \"\" or a layer's name, got a name of no layer");
  }
  response->set_status(status);
  return grpc::Status::OK;
}

}  // namespace convoy::rpc
