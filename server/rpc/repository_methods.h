// The methods of inference.GRPCInferenceService that change what is served.
#ifndef CONVOY_SERVER_RPC_REPOSITORY_METHODS_H_
#define CONVOY_SERVER_RPC_REPOSITORY_METHODS_H_

#include <cstddef>

#include "server/rpc/call_threads.h"
#include "server/rpc/layer_control.h"
#include "server/rpc/method_table.h"

namespace convoy::rpc {

// Both objects outlive the table and its calls.
struct RepositoryMethodsParts {
  LayerControl* control;  // null: the server does not take changes
  CallThreads& threads;   // on which calls wait for what they asked for
  size_t max_bytes;       // of a message that brings a layer
};

// Adds RepositoryModelLoad and RepositoryModelUnload.
void AddRepositoryMethods(const RepositoryMethodsParts& parts, MethodTable& table);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_REPOSITORY_METHODS_H_
