// Loads and unloads layers for Triton's tools.
#ifndef CONVOY_SERVER_REPOSITORY_CONTROL_H_
#define CONVOY_SERVER_REPOSITORY_CONTROL_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "server/loading/layer_loader.h"
#include "server/registry/registry.h"
#include "server/rpc/call_threads.h"
#include "server/rpc/layer_control.h"
#include "server/rpc/method_table.h"

namespace convoy {

// Owns the threads on which callers' loads wait; they stand back behind those that serve.
// Registry and loader must outlive it, and it the gRPC server.
class RepositoryControl final : private rpc::LayerControl {
 public:
  struct Options {
    size_t max_message_bytes;  // of one that brings a layer
    int niceness;
  };

  // REQUIRES: the loader is open.
  RepositoryControl(const registry::Registry& registry, loading::LayerLoader& loader,
                    const Options& options);

  // Adds RepositoryModelLoad and RepositoryModelUnload; they say that they are not
  // possible unless the loader may write.
  void AddMethods(rpc::MethodTable& table);

 private:
  absl::Status Load(const std::string& layer) override;
  absl::Status Give(const std::string& layer,
                    absl::btree_map<std::string, std::string_view> files) override;
  absl::Status Unload(const std::string& layer) override;

  const registry::Registry& registry_;
  loading::LayerLoader& loader_;
  const size_t max_message_bytes_;
  rpc::CallThreads threads_;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_REPOSITORY_CONTROL_H_
