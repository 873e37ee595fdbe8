// convoy.v1.LayerService: layers as resources.
#ifndef CONVOY_SERVER_RPC_LAYER_METHODS_H_
#define CONVOY_SERVER_RPC_LAYER_METHODS_H_

#include "server/management/layer_catalog.h"
#include "server/registry/registry.h"
#include "server/rpc/call_threads.h"
#include "server/rpc/method_table.h"

namespace convoy::rpc {

inline constexpr char kLayerService[] = "convoy.v1.LayerService";

// What the service works with; all of it outlives the table and its calls.
struct LayerServiceParts {
  const registry::Registry& registry;
  const management::LayerCatalog& catalog;
  CallThreads& threads;  // of what only reads
};

// Adds all methods.
void AddLayerMethods(const LayerServiceParts& parts, MethodTable& table);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LAYER_METHODS_H_
