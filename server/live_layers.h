// From layers on disk to layers that can be called.
#ifndef CONVOY_SERVER_LIVE_LAYERS_H_
#define CONVOY_SERVER_LIVE_LAYERS_H_

#include <vector>

#include "kernel/engine/compiled_layer.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"

namespace convoy {

// Compiles every version for this machine. What cannot be compiled becomes an
// error of its layer and does not stop the others. `metrics` must outlive the
// entries.
std::vector<registry::LayerEntry> MakeLive(const std::vector<repository::LoadedLayer>& layers,
                                           metrics::Metrics& metrics,
                                           const engine::CompileOptions& options = {});

}  // namespace convoy

#endif  // CONVOY_SERVER_LIVE_LAYERS_H_
