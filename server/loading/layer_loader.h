// Brings the repository's layers into the registry, and keeps them there.
#ifndef CONVOY_SERVER_LOADING_LAYER_LOADER_H_
#define CONVOY_SERVER_LOADING_LAYER_LOADER_H_

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "absl/status/status.h"
#include "kernel/engine/tile/byte_budget.h"
#include "kernel/engine/tuning/tuning_memory.h"
#include "server/batching/batching_overrides.h"
#include "server/loading/background_tuner.h"
#include "server/loading/layer_compiler.h"
#include "server/loading/layer_editor.h"
#include "server/loading/live_layers.h"
#include "server/loading/loading_log.h"
#include "server/loading/loading_options.h"
#include "server/loading/repository_follower.h"
#include "server/loading/tuning_file.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/repository/model_repository.h"
#include "server/repository/repository_writer.h"

namespace convoy::loading {

// What loading shares with the rest of the server. All of it outlives the loader and
// the versions that it makes.
struct LoadingEnvironment {
  registry::Registry& registry;
  metrics::Metrics& metrics;
  engine::ByteBudget& primitives;
  // What is said of layers' batches beside their own options; null: nothing.
  batching::OverridesByLayer* overrides = nullptr;
  // Whether a worker has nothing to do; null: always.
  std::function<bool()> has_idle_worker;
  // Threads that load until all is there.
  int threads = 1;
  // Of the threads that load and time afterwards.
  int niceness = 0;
};

// The parts of loading put together: a thread that follows the repository, and one
// that times statements.
//
// For one thread. Owns both.
class LayerLoader {
 public:
  LayerLoader(const LoadingOptions& options, const LoadingEnvironment& environment);
  // Stops.
  ~LayerLoader();
  LayerLoader(const LayerLoader&) = delete;
  LayerLoader& operator=(const LayerLoader&) = delete;

  //   NOT_FOUND, INVALID_ARGUMENT, UNAVAILABLE  the repository's folder cannot be
  //       read; names it.
  absl::Status Open();

  // What others ask for, from Open on. Null unless the mode is "managed".
  LayerEditor* editor() { return editor_.get(); }
  const repository::ModelRepository& repository() const { return *repository_; }
  const LayerCompiler& compiler() const { return compiler_; }

  // Begins to load on a thread of its own and returns. Each layer is published as
  // soon as it is there; what cannot be loaded is an error of its layer, and logged.
  // When all are there, and timed if that does not take too long, the registry's
  // snapshot is complete.
  // REQUIRES: Open returned OK; called once.
  void Start();

  // Lets loading and timing end after the layer that they are at: the snapshot may
  // never be complete.
  void RequestStop();
  // The same, and waits for it. Idempotent.
  void Stop();

 private:
  void OpenForWriting();
  // Removes what writers left that were ended in the middle.
  void CleanUp();
  void Run(const std::stop_token& stop);
  // Says that all is there when it is time; returns when to look again.
  Clock::time_point CompleteInTime();
  // Reports what cannot be read or written, and goes on without.
  void ReadTuningFile();
  void SaveTuningFile();

  const LoadingOptions options_;
  const LoadingEnvironment environment_;
  LiveLayers live_;
  LoadingLog log_;
  TuningFile tuning_file_;
  engine::TuningMemory memory_;  // in front of the file
  const LayerCompiler compiler_;
  std::optional<repository::ModelRepository> repository_;
  std::unique_ptr<RepositoryFollower> follower_;
  std::unique_ptr<repository::RepositoryWriter> writer_;  // null unless managed
  std::unique_ptr<LayerEditor> editor_;
  std::unique_ptr<BackgroundTuner> tuner_;

  Clock::time_point tuning_deadline_;  // of what the registry's readiness waits for
  std::atomic<bool> complete_ = false;

  std::jthread thread_;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LAYER_LOADER_H_
