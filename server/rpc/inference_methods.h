// inference.GRPCInferenceService: the Open Inference Protocol.
#ifndef CONVOY_SERVER_RPC_INFERENCE_METHODS_H_
#define CONVOY_SERVER_RPC_INFERENCE_METHODS_H_

#include "server/registry/registry.h"
#include "server/rpc/method_table.h"

namespace convoy::rpc {

inline constexpr char kInferenceService[] = "inference.GRPCInferenceService";

// Adds all methods but ModelInfer and those that change what is served, also, with a reason, those
// of other servers that Convoy does not serve. The registry must outlive the table.
void AddInferenceMethods(const registry::Registry& registry, MethodTable& table);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFERENCE_METHODS_H_
