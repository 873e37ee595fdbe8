// grpc.health.v1.Health over the registry.
#ifndef CONVOY_SERVER_RPC_HEALTH_METHODS_H_
#define CONVOY_SERVER_RPC_HEALTH_METHODS_H_

#include <string_view>

#include "grpc/health/v1/health.pb.h"
#include "server/registry/registry.h"
#include "server/rpc/method_table.h"

namespace convoy::rpc {

class HealthPublisher;

using ServingStatus = grpc::health::v1::HealthCheckResponse::ServingStatus;

// Of the server for "": SERVING while it is ready. Otherwise of a layer: SERVING from
// when it can be called until the server drains; SERVICE_UNKNOWN if there is none,
// which nobody knows before all are loaded.
ServingStatus ServingStatusOf(const registry::Registry& registry, std::string_view name);

// Adds Check, List and Watch. gRPC's own health service is not used because it is
// written with the call-back API, which brings polling threads that slow every
// other call down. Registry and publisher must outlive the table.
void AddHealthMethods(const registry::Registry& registry, HealthPublisher& publisher,
                      MethodTable& table);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_HEALTH_METHODS_H_
