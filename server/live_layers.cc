#include "server/live_layers.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/compiled_layer.h"
#include "server/batching/layer_queue.h"
#include "server/logging.h"

namespace convoy {
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

absl::StatusOr<std::shared_ptr<const registry::LiveLayer>> MakeLiveVersion(
    const std::string& name, const repository::LoadedVersion& version,
    metrics::LayerMetrics& metrics, engine::CompileOptions options) {
  options.deterministic = version.serving.deterministic;
  CONVOY_ASSIGN_OR_RETURN(std::unique_ptr<engine::CompiledLayer> compiled,
                          engine::CompiledLayer::Create(version.layer, options));
  spdlog::debug("layer compiled layer={} version={} runs={}", Quoted(name), version.version,
                Quoted(compiled->Describe()));
  auto live = std::make_shared<registry::LiveLayer>();
  live->name = name;
  live->version = version.version;
  live->version_text = absl::StrCat(version.version);
  live->layer = version.layer;
  live->queue = std::make_shared<batching::LayerQueue>(
      std::move(compiled), std::make_unique<BatchMetrics>(metrics), BatchingOf(version.serving));
  live->describe_execution = [queue = live->queue.get()] { return queue->compiled().Describe(); };
  live->metrics = &metrics;
  return live;
}

registry::LayerEntry MakeLiveLayer(const repository::LoadedLayer& layer, metrics::Metrics& metrics,
                                   const engine::CompileOptions& options) {
  registry::LayerEntry entry;
  entry.name = layer.name;
  entry.errors = layer.errors;
  // A layer without a version to call gets no series.
  if (layer.versions.empty()) return entry;
  metrics::LayerMetrics& layer_metrics = metrics.ForLayer(entry.name);
  for (const repository::LoadedVersion& version : layer.versions) {
    auto live = MakeLiveVersion(entry.name, version, layer_metrics, options);
    if (live.ok()) {
      entry.versions.push_back(*std::move(live));
    } else {
      entry.errors.emplace_back(live.status().code(), absl::StrCat(entry.name, "/", version.version,
                                                                   ": ", live.status().message()));
    }
  }
  return entry;
}

}  // namespace

std::vector<registry::LayerEntry> MakeLive(const std::vector<repository::LoadedLayer>& layers,
                                           metrics::Metrics& metrics,
                                           const engine::CompileOptions& options) {
  std::vector<registry::LayerEntry> entries;
  entries.reserve(layers.size());
  for (const repository::LoadedLayer& layer : layers) {
    entries.push_back(MakeLiveLayer(layer, metrics, options));
  }
  return entries;
}

}  // namespace convoy
