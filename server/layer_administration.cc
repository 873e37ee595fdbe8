#include "server/layer_administration.h"

#include "server/rpc/layer_methods.h"

namespace convoy {
namespace {

// One that waits for a slow disk leaves another one.
constexpr int kReaders = 2;

}  // namespace

LayerAdministration::LayerAdministration(const registry::Registry& registry,
                                         const loading::LayerLoader& loader, int niceness)
    : registry_(registry),
      catalog_(registry, loader.repository()),
      readers_({.name = "layer-reads", .threads = kReaders, .niceness = niceness}) {}

void LayerAdministration::AddMethods(rpc::MethodTable& table) {
  rpc::AddLayerMethods({registry_, catalog_, readers_}, table);
}

}  // namespace convoy
