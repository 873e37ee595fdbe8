// From a layer on disk to one that can be called.
#ifndef CONVOY_SERVER_LOADING_LAYER_COMPILER_H_
#define CONVOY_SERVER_LOADING_LAYER_COMPILER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kernel/engine/compiled_layer.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"

namespace convoy::loading {

// Thread-safe. The metrics, and what the options point to, must outlive what it makes.
class LayerCompiler {
 public:
  LayerCompiler(metrics::Metrics& metrics, const engine::CompileOptions& options)
      : metrics_(metrics), options_(options) {}

  // Compiles every version for this machine. What cannot be compiled becomes an
  // error of the layer and does not stop the other versions.
  registry::LiveLayer Compile(const repository::LoadedLayer& layer) const;

  // One version of layer `name`.
  //   Any status with which the engine refuses it.
  absl::StatusOr<std::shared_ptr<const registry::LiveVersion>> Compile(
      const std::string& name, const repository::LoadedVersion& version) const;

 private:
  metrics::Metrics& metrics_;
  const engine::CompileOptions options_;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LAYER_COMPILER_H_
