#include "server/layer_administration.h"

#include "server/rpc/change_methods.h"
#include "server/rpc/layer_methods.h"

namespace convoy {
namespace {

// One that waits for a slow disk leaves another one.
constexpr int kReaders = 2;

}  // namespace

LayerAdministration::LayerAdministration(const registry::Registry& registry,
                                         loading::LayerLoader& loader, const Options& options)
    : registry_(registry),
      options_(options),
      catalog_(registry, loader.repository()),
      uploads_(options.max_upload_bytes),
      changes_({registry, loader.repository(), catalog_, uploads_, loader.editor()}),
      readers_({.name = "layer-reads", .threads = kReaders, .niceness = options.niceness}),
      // The repository is written by one at a time anyway.
      writers_({.name = "layer-writes",
                .max_waiting_bytes = options.max_message_bytes,
                .niceness = options.niceness}) {}

void LayerAdministration::AddMethods(rpc::MethodTable& table) {
  rpc::AddLayerMethods({registry_, catalog_, readers_}, table);
  rpc::AddChangeMethods({registry_, changes_, uploads_, writers_, readers_,
                         static_cast<size_t>(options_.max_message_bytes)},
                        table);
}

}  // namespace convoy
