#include "server/live_layers.h"

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

absl::StatusOr<std::shared_ptr<const registry::LiveLayer>> MakeLiveVersion(
    const std::string& name, const repository::LoadedVersion& version,
    metrics::LayerMetrics& metrics) {
  CONVOY_ASSIGN_OR_RETURN(std::unique_ptr<engine::CompiledLayer> compiled,
                          engine::CompiledLayer::Create(version.layer));
  auto live = std::make_shared<registry::LiveLayer>();
  live->name = name;
  live->version = version.version;
  live->version_text = absl::StrCat(version.version);
  live->layer = version.layer;
  live->queue = std::make_shared<batching::LayerQueue>(std::move(compiled),
                                                       std::make_unique<BatchMetrics>(metrics));
  live->metrics = &metrics;
  return live;
}

registry::LayerEntry MakeLiveLayer(repository::LoadedLayer layer, metrics::Metrics& metrics) {
  registry::LayerEntry entry;
  entry.name = std::move(layer.name);
  entry.errors = std::move(layer.errors);
  // A layer without a version to call gets no series.
  if (layer.versions.empty()) return entry;
  metrics::LayerMetrics& layer_metrics = metrics.ForLayer(entry.name);
  for (const repository::LoadedVersion& version : layer.versions) {
    auto live = MakeLiveVersion(entry.name, version, layer_metrics);
    if (live.ok()) {
      entry.versions.push_back(*std::move(live));
    } else {
      entry.errors.push_back(absl::Status(
          live.status().code(),
          absl::StrCat(entry.name, "/", version.version, ": ", live.status().message())));
    }
  }
  return entry;
}

}  // namespace

std::vector<registry::LayerEntry> MakeLive(std::vector<repository::LoadedLayer> layers,
                                           metrics::Metrics& metrics) {
  std::vector<registry::LayerEntry> entries;
  entries.reserve(layers.size());
  for (repository::LoadedLayer& layer : layers) {
    entries.push_back(MakeLiveLayer(std::move(layer), metrics));
  }
  return entries;
}

}  // namespace convoy
