// What the service of layers works with.
#ifndef CONVOY_SERVER_LAYER_ADMINISTRATION_H_
#define CONVOY_SERVER_LAYER_ADMINISTRATION_H_

#include "server/loading/layer_loader.h"
#include "server/management/layer_catalog.h"
#include "server/registry/registry.h"
#include "server/rpc/call_threads.h"
#include "server/rpc/method_table.h"

namespace convoy {

// Owns the threads that look after layers for callers; they stand back behind those
// that serve by `niceness`. Registry and loader must outlive it, and it the gRPC server.
//
// For one thread.
class LayerAdministration {
 public:
  // REQUIRES: the loader is open.
  LayerAdministration(const registry::Registry& registry, const loading::LayerLoader& loader,
                      int niceness);

  // Adds the methods of convoy.v1.LayerService.
  void AddMethods(rpc::MethodTable& table);

 private:
  const registry::Registry& registry_;
  const management::LayerCatalog catalog_;
  rpc::CallThreads readers_;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_LAYER_ADMINISTRATION_H_
