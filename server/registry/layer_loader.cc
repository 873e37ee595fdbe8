#include "server/registry/layer_loader.h"

#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/engine/compiled_layer.h"

namespace convoy::registry {
namespace {

// Hands a queue's batches to the layer's instruments.
class BatchMetrics : public batching::BatchObserver {
 public:
  explicit BatchMetrics(metrics::LayerMetrics& metrics) : metrics_(metrics) {}

  void OnBatch(int64_t requests, int64_t sequences, std::chrono::nanoseconds execution) override {
    metrics_.OnBatch(requests, sequences, execution);
  }

 private:
  metrics::LayerMetrics& metrics_;
};

absl::StatusOr<std::shared_ptr<const LiveLayer>> Compile(const std::string& name,
                                                         const repository::LoadedVersion& version,
                                                         metrics::Metrics& metrics) {
  auto compiled = engine::CompiledLayer::Create(version.layer);
  if (!compiled.ok()) {
    return absl::Status(compiled.status().code(), absl::StrCat(name, "/", version.version, ": ",
                                                               compiled.status().message()));
  }
  auto live = std::make_shared<LiveLayer>();
  live->name = name;
  live->version = version.version;
  live->version_text = absl::StrCat(version.version);
  live->layer = version.layer;
  live->metrics = &metrics.ForLayer(name);
  live->queue = std::make_shared<batching::LayerQueue>(
      *std::move(compiled), std::make_unique<BatchMetrics>(*live->metrics));
  return live;
}

}  // namespace

std::vector<LayerEntry> MakeLive(const std::vector<repository::LoadedLayer>& loaded,
                                 metrics::Metrics& metrics) {
  std::vector<LayerEntry> entries;
  for (const repository::LoadedLayer& layer : loaded) {
    LayerEntry entry;
    entry.name = layer.name;
    entry.errors = layer.errors;
    for (const repository::LoadedVersion& version : layer.versions) {
      auto live = Compile(layer.name, version, metrics);
      if (live.ok()) {
        entry.versions.push_back(*std::move(live));
      } else {
        entry.errors.push_back(live.status());
      }
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace convoy::registry
