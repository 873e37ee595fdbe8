// From a version on disk to one that can be called.
#ifndef CONVOY_SERVER_LOADING_LAYER_COMPILER_H_
#define CONVOY_SERVER_LOADING_LAYER_COMPILER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kernel/engine/compiled_layer.h"
#include "kernel/engine/tile/byte_budget.h"
#include "kernel/engine/tile/statement.h"
#include "kernel/engine/tuning/tuning_memory.h"
#include "server/batching/batching_overrides.h"
#include "server/metrics/metrics.h"
#include "server/metrics/version_statistics.h"
#include "server/registry/registry.h"
#include "server/repository/serving_config.h"
#include "server/repository/version_folder.h"

namespace convoy::loading {

// What a version's serving options say to the engine.
engine::CompileOptions CompileOptionsOf(const repository::ServingConfig& serving);

// Thread-safe. What it refers to must outlive what it makes.
class LayerCompiler {
 public:
  // How much is known of a convolution's statements on this machine.
  enum class Timing {
    kNone,   // nothing: rough costs
    kKnown,  // what the memory knows; rough costs without
    kNow,    // what the memory knows; it is timed without
  };

  // `overrides` may be null: nothing is said of layers beside their own options.
  LayerCompiler(metrics::Metrics& metrics, engine::ByteBudget& primitives,
                engine::TuningMemory& memory, batching::OverridesByLayer* overrides = nullptr)
      : metrics_(metrics), primitives_(primitives), memory_(memory), overrides_(overrides) {}

  // Makes `version` of layer `name` ready for this machine, and for what its
  // `predecessor`, which may be null, is used for.
  //   RESOURCE_EXHAUSTED  out of memory.
  //   and any status with which the engine refuses it.
  absl::StatusOr<std::shared_ptr<const registry::LiveVersion>> Compile(
      const std::string& name, repository::LoadedVersion version, Timing timing,
      const registry::LiveVersion* predecessor) const;

  // The same version once more, timed. `pause`, which may be null, is asked before each
  // measurement; returns when it may be made, or false to end.
  //   CANCELLED  `pause` said so.
  absl::StatusOr<std::shared_ptr<const registry::LiveVersion>> Tune(
      const registry::LiveVersion& live, std::function<bool()> pause = nullptr) const;

 private:
  absl::StatusOr<std::shared_ptr<const registry::LiveVersion>> Compile(
      const std::string& name, repository::LoadedVersion version,
      const engine::CompileOptions& options, const registry::LiveVersion* predecessor) const;
  // Those of the predecessor, if that is the same version, made in another way.
  std::shared_ptr<metrics::VersionStatistics> StatisticsOf(
      const registry::LiveVersion& live, const registry::LiveVersion* predecessor) const;
  // Its convolution alone, or the predecessor's if that is the same.
  std::shared_ptr<registry::LazyHandle> ConvolutionOf(
      const registry::LiveVersion& live, const registry::LiveVersion* predecessor) const;
  engine::CompileOptions OptionsFor(const repository::ServingConfig& serving) const;
  bool IsKnown(const layer::Conv1D& layer, engine::Algorithm algorithm) const;

  metrics::Metrics& metrics_;
  engine::ByteBudget& primitives_;
  engine::TuningMemory& memory_;
  batching::OverridesByLayer* const overrides_;  // perhaps null
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LAYER_COMPILER_H_
