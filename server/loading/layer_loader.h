// Brings the repository's layers into the registry.
#ifndef CONVOY_SERVER_LOADING_LAYER_LOADER_H_
#define CONVOY_SERVER_LOADING_LAYER_LOADER_H_

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/engine/tile/byte_budget.h"
#include "server/loading/layer_compiler.h"
#include "server/loading/live_layers.h"
#include "server/loading/loading_options.h"
#include "server/loading/tuning_file.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"

namespace convoy::loading {

// What loading shares with the rest of the server. All of it outlives the loader and
// the versions that it makes.
struct LoadingEnvironment {
  registry::Registry& registry;
  metrics::Metrics& metrics;
  engine::ByteBudget& primitives;
};

// Reads, compiles, publishes; times statements before or behind that, as the options
// say.
//
// For one thread. Owns the thread that times in the background.
class LayerLoader {
 public:
  LayerLoader(const LoadingOptions& options, const LoadingEnvironment& environment);
  // Stops.
  ~LayerLoader();
  LayerLoader(const LayerLoader&) = delete;
  LayerLoader& operator=(const LayerLoader&) = delete;

  // Returns once every layer that can be loaded is published. What cannot is an
  // error of its layer, and logged.
  //   NOT_FOUND, INVALID_ARGUMENT, UNAVAILABLE  the repository's folder cannot be
  //       read; names it.
  // REQUIRES: called once.
  absl::Status Load();

  // Ends the timing in the background after the layer that it is at. Idempotent.
  void Stop();

 private:
  LayerCompiler Compiler(bool tune);
  void TuneInBackground(std::vector<repository::LoadedLayer> loaded);
  // Compiles the version once more, timed, and publishes it if it is still live.
  void Tune(const std::string& name, const repository::LoadedVersion& version);
  // Reports what cannot be read or written, and goes on without.
  void ReadTuningFile();
  void SaveTuningFile();

  const LoadingOptions options_;
  const LoadingEnvironment environment_;
  LiveLayers live_;
  std::optional<TuningFile> tuning_file_;
  std::jthread tuner_;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LAYER_LOADER_H_
