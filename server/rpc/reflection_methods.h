// grpc.reflection.v1 and v1alpha: the server describes its own methods.
#ifndef CONVOY_SERVER_RPC_REFLECTION_METHODS_H_
#define CONVOY_SERVER_RPC_REFLECTION_METHODS_H_

#include "server/rpc/method_table.h"

namespace convoy::rpc {

// Adds both services, which list every service of `table`, themselves included.
// gRPC's own reflection is not used: it holds a thread for every open stream.
void AddReflectionMethods(MethodTable& table);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_REFLECTION_METHODS_H_
