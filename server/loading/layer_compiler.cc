#include "server/loading/layer_compiler.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/run_path.h"
#include "kernel/engine/tile/tile_scratch.h"
#include "kernel/layer/convolution_op.h"
#include "server/base/catch_exceptions.h"
#include "server/base/logging.h"
#include "server/batching/layer_handle.h"

namespace convoy::loading {
namespace {

using registry::LiveVersion;

batching::BatchingOptions BatchingOf(const repository::ServingConfig& serving) {
  batching::BatchingOptions options;
  options.max_queue_delay = std::chrono::microseconds(std::min(
      serving.max_queue_delay_microseconds.value_or(0), batching::kLongestDelayMicroseconds));
  options.max_batch_requests = serving.max_batch_requests.value_or(options.max_batch_requests);
  options.max_batch_bytes = serving.max_batch_bytes.value_or(options.max_batch_bytes);
  return options;
}

}  // namespace

engine::CompileOptions CompileOptionsOf(const repository::ServingConfig& serving) {
  return {.algorithm = serving.direct ? engine::Algorithm::kDirect : engine::Algorithm::kAuto,
          .deterministic = serving.deterministic};
}

absl::StatusOr<std::shared_ptr<const LiveVersion>> LayerCompiler::Compile(
    const std::string& name, repository::LoadedVersion version, Timing timing,
    const LiveVersion* predecessor) const {
  engine::CompileOptions options = OptionsFor(version.serving);
  options.tune = timing == Timing::kNow ||
                 (timing == Timing::kKnown && IsKnown(*version.layer, options.algorithm));
  return Compile(name, std::move(version), options, predecessor);
}

absl::StatusOr<std::shared_ptr<const LiveVersion>> LayerCompiler::Tune(
    const LiveVersion& live, std::function<bool()> pause) const {
  engine::CompileOptions options = OptionsFor(live.serving);
  options.tune = true;
  options.pause = std::move(pause);
  return Compile(live.name, {live.version, live.layer, live.serving, live.checksums}, options,
                 &live);
}

absl::StatusOr<std::shared_ptr<const LiveVersion>> LayerCompiler::Compile(
    const std::string& name, repository::LoadedVersion version,
    const engine::CompileOptions& options, const LiveVersion* predecessor) const {
  CONVOY_ASSIGN_OR_RETURN(std::unique_ptr<engine::CompiledLayer> compiled, CatchExceptions([&] {
                            return engine::CompiledLayer::Create(version.layer, options);
                          }));
  if (predecessor != nullptr) compiled->PrepareFor(predecessor->handle->compiled());
  spdlog::debug("layer compiled layer={} version={} runs={}", Quoted(name), version.version,
                Quoted(compiled->Describe()));
  auto live = std::make_shared<LiveVersion>();
  live->name = name;
  live->version = version.version;
  live->version_text = absl::StrCat(version.version);
  live->layer = std::move(version.layer);
  live->serving = version.serving;
  live->checksums = std::move(version.checksums);
  live->tuned = options.tune;
  live->statistics = StatisticsOf(*live, predecessor);
  live->metrics = live->statistics;
  live->convolution = ConvolutionOf(*live, predecessor);
  live->handle = std::make_shared<batching::LayerHandle>(
      std::move(compiled), live->metrics, BatchingOf(live->serving),
      overrides_ == nullptr ? nullptr : overrides_->For(name));
  return live;
}

std::shared_ptr<metrics::VersionStatistics> LayerCompiler::StatisticsOf(
    const LiveVersion& live, const LiveVersion* predecessor) const {
  const bool same = predecessor != nullptr && predecessor->version == live.version &&
                    predecessor->checksums == live.checksums;
  if (same && predecessor->statistics != nullptr) return predecessor->statistics;
  return std::make_shared<metrics::VersionStatistics>(
      metrics_.ForVersion(live.name, live.version_text));
}

std::shared_ptr<registry::LazyHandle> LayerCompiler::ConvolutionOf(
    const LiveVersion& live, const LiveVersion* predecessor) const {
  const layer::Conv1DConfig& config = live.layer->config();
  const bool more = config.use_bias || config.activation_layer.has_value() ||
                    config.activation.kind != layer::ActivationKind::kLinear;
  if (!more) return nullptr;
  if (predecessor != nullptr && predecessor->layer == live.layer) return predecessor->convolution;
  return std::make_shared<registry::LazyHandle>(
      [compiler = *this, layer = live.layer, serving = live.serving,
       metrics = live.metrics]() -> absl::StatusOr<std::shared_ptr<batching::LayerHandle>> {
        return CatchExceptions([&]() -> absl::StatusOr<std::shared_ptr<batching::LayerHandle>> {
          const auto alone = std::make_shared<const layer::Conv1D>(layer::ConvolutionOp(*layer));
          engine::CompileOptions options = compiler.OptionsFor(serving);
          options.tune = compiler.IsKnown(*alone, options.algorithm);
          CONVOY_ASSIGN_OR_RETURN(std::unique_ptr<engine::CompiledLayer> compiled,
                                  engine::CompiledLayer::Create(alone, options));
          return std::make_shared<batching::LayerHandle>(std::move(compiled), metrics,
                                                         BatchingOf(serving));
        });
      });
}

engine::CompileOptions LayerCompiler::OptionsFor(const repository::ServingConfig& serving) const {
  engine::CompileOptions options = CompileOptionsOf(serving);
  options.memory = &memory_;
  options.budget = &primitives_;
  return options;
}

bool LayerCompiler::IsKnown(const layer::Conv1D& layer, engine::Algorithm algorithm) const {
  if (engine::NeedsDirect(layer)) return false;
  engine::TileScratch scratch;
  return memory_.Find(layer, algorithm, scratch).has_value();
}

}  // namespace convoy::loading
