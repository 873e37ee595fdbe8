// Turns what the repository says into layers that can be called.
#ifndef CONVOY_SERVER_REGISTRY_LAYER_LOADER_H_
#define CONVOY_SERVER_REGISTRY_LAYER_LOADER_H_

#include <vector>

#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"

namespace convoy::registry {

// Compiles every version that could be read and connects it to its instruments,
// which must outlive the entries. What the engine refuses becomes an error of
// its layer and does not stop the others.
std::vector<LayerEntry> MakeLive(const std::vector<repository::LoadedLayer>& loaded,
                                 metrics::Metrics& metrics);

}  // namespace convoy::registry

#endif  // CONVOY_SERVER_REGISTRY_LAYER_LOADER_H_
