// grpc.health.v1.Health over the registry.
#ifndef CONVOY_SERVER_RPC_HEALTH_SERVICE_H_
#define CONVOY_SERVER_RPC_HEALTH_SERVICE_H_

#include <string_view>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/registry/registry.h"

namespace convoy::rpc {

using ServingStatus = grpc::health::v1::HealthCheckResponse::ServingStatus;

// Answers Check; Watch streams run on a completion queue (HealthWatch). gRPC's
// own health service is not used because it is written with the call-back API,
// which brings polling threads that slow every other call down.
//
// Thread-safe. Refers to the registry, which must outlive it.
class HealthService final
    : public grpc::health::v1::Health::WithAsyncMethod_Watch<grpc::health::v1::Health::Service> {
 public:
  explicit HealthService(const registry::Registry& registry) : registry_(registry) {}

  // Of the server for "", otherwise of a layer; SERVICE_UNKNOWN if there is none.
  ServingStatus StatusOf(std::string_view name) const;

  grpc::Status Check(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override;

 private:
  const registry::Registry& registry_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_HEALTH_SERVICE_H_
