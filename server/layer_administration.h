// What the service of layers works with.
#ifndef CONVOY_SERVER_LAYER_ADMINISTRATION_H_
#define CONVOY_SERVER_LAYER_ADMINISTRATION_H_

#include <cstdint>

#include "server/loading/layer_loader.h"
#include "server/management/layer_catalog.h"
#include "server/management/layer_changes.h"
#include "server/management/upload_store.h"
#include "server/registry/registry.h"
#include "server/rpc/call_threads.h"
#include "server/rpc/method_table.h"

namespace convoy {

// Owns the threads that look after layers for callers. Registry and loader must outlive it, and it
// the gRPC server.
//
// For one thread.
class LayerAdministration {
 public:
  struct Options {
    int64_t max_message_bytes = 0;  // of a request that writes
    int64_t max_upload_bytes = 0;
    int niceness = 0;  // of the threads, which stand back behind those that serve
  };

  // REQUIRES: the loader is open.
  LayerAdministration(const registry::Registry& registry, loading::LayerLoader& loader,
                      const Options& options);

  // Adds the methods of convoy.v1.LayerService.
  void AddMethods(rpc::MethodTable& table);

  // For calls that take JSON of all layers, or the disk. Any thread.
  rpc::CallThreads& readers() { return readers_; }

  // Lets go of uploads that were kept long enough. Any thread.
  void ExpireUploads() { uploads_.Expire(); }

 private:
  const registry::Registry& registry_;
  const Options options_;
  const management::LayerCatalog catalog_;
  management::UploadStore uploads_;
  const management::LayerChanges changes_;
  rpc::CallThreads readers_;
  rpc::CallThreads writers_;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_LAYER_ADMINISTRATION_H_
