#include "server/loading/layer_compiler.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "server/base/logging.h"
#include "server/batching/layer_handle.h"

namespace convoy::loading {
namespace {

// Carries what the scheduler observes to the layer's metrics, which live in a
// folder that does not know the other.
class BatchMetrics final : public batching::BatchObserver {
 public:
  explicit BatchMetrics(metrics::LayerMetrics& metrics) : metrics_(metrics) {}

  void OnBatch(int64_t requests, int64_t sequences, std::chrono::nanoseconds execution) override {
    metrics_.OnBatch(requests, sequences, execution);
  }

 private:
  metrics::LayerMetrics& metrics_;
};

batching::BatchingOptions BatchingOf(const repository::ServingConfig& serving) {
  batching::BatchingOptions options;
  // Longer than any request lives; the clock counts nanoseconds in 64 bits.
  constexpr int64_t kLongestDelay = int64_t{3600} * 1000 * 1000;
  options.max_queue_delay = std::chrono::microseconds(
      std::min(serving.max_queue_delay_microseconds.value_or(0), kLongestDelay));
  options.max_batch_requests = serving.max_batch_requests.value_or(options.max_batch_requests);
  options.max_batch_bytes = serving.max_batch_bytes.value_or(options.max_batch_bytes);
  return options;
}

}  // namespace

registry::LiveLayer LayerCompiler::Compile(const repository::LoadedLayer& layer) const {
  registry::LiveLayer live;
  live.name = layer.name;
  live.errors = layer.errors;
  for (const repository::LoadedVersion& version : layer.versions) {
    auto compiled = Compile(layer.name, version);
    if (compiled.ok()) {
      live.versions.push_back(*std::move(compiled));
    } else {
      live.errors.emplace_back(
          compiled.status().code(),
          absl::StrCat(layer.name, "/", version.version, ": ", compiled.status().message()));
    }
  }
  return live;
}

absl::StatusOr<std::shared_ptr<const registry::LiveVersion>> LayerCompiler::Compile(
    const std::string& name, const repository::LoadedVersion& version) const {
  engine::CompileOptions options = options_;
  options.deterministic = version.serving.deterministic;
  CONVOY_ASSIGN_OR_RETURN(std::unique_ptr<engine::CompiledLayer> compiled,
                          engine::CompiledLayer::Create(version.layer, options));
  spdlog::debug("layer compiled layer={} version={} runs={}", Quoted(name), version.version,
                Quoted(compiled->Describe()));
  metrics::LayerMetrics& metrics = metrics_.ForLayer(name);
  auto live = std::make_shared<registry::LiveVersion>();
  live->name = name;
  live->version = version.version;
  live->version_text = absl::StrCat(version.version);
  live->layer = version.layer;
  live->handle = std::make_shared<batching::LayerHandle>(
      std::move(compiled), std::make_unique<BatchMetrics>(metrics), BatchingOf(version.serving));
  live->metrics = &metrics;
  return live;
}

}  // namespace convoy::loading
