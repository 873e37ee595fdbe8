// What a gRPC call says of its caller.
#ifndef CONVOY_SERVER_RPC_CREDENTIALS_H_
#define CONVOY_SERVER_RPC_CREDENTIALS_H_

#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"
#include "server/access/gate.h"

namespace convoy::rpc {

// As Gate::Admit, for the caller of a call that has begun.
absl::StatusOr<access::Caller> Admit(const access::Gate& gate, access::Permission permission,
                                     const grpc::ServerContext& context);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CREDENTIALS_H_
