#include "server/loading/layer_loader.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/engine/tuning/tuning_store.h"
#include "server/base/logging.h"

namespace convoy::loading {
namespace {

void Log(const registry::LiveLayer& layer) {
  for (const auto& live : layer.versions) {
    spdlog::debug("layer loaded layer={} version={}", Quoted(layer.name), live->version);
  }
  const auto level = layer.versions.empty() ? spdlog::level::err : spdlog::level::warn;
  for (const absl::Status& error : layer.errors) {
    spdlog::log(level, "cannot load layer={} error={}", Quoted(layer.name),
                Quoted(std::string(error.message())));
  }
}

}  // namespace

LayerLoader::LayerLoader(const LoadingOptions& options, const LoadingEnvironment& environment)
    : options_(options), environment_(environment), live_(environment.registry) {}

LayerLoader::~LayerLoader() { Stop(); }

absl::Status LayerLoader::Load() {
  CONVOY_ASSIGN_OR_RETURN(const repository::ModelRepository repository,
                          repository::ModelRepository::Open(options_.repository));
  CONVOY_ASSIGN_OR_RETURN(std::vector<repository::LoadedLayer> loaded, repository.Load());
  if (loaded.empty()) {
    spdlog::warn("the repository has no layers repository={}", Quoted(options_.repository));
  }
  ReadTuningFile();
  const LayerCompiler compiler = Compiler(options_.tuning == "load");
  std::vector<registry::LiveLayer> layers;
  for (const repository::LoadedLayer& layer : loaded) layers.push_back(compiler.Compile(layer));
  SaveTuningFile();
  for (const registry::LiveLayer& layer : layers) Log(layer);
  live_.Put(std::move(layers));
  if (options_.tuning == "background") TuneInBackground(std::move(loaded));
  return absl::OkStatus();
}

void LayerLoader::Stop() { tuner_ = {}; }

LayerCompiler LayerLoader::Compiler(bool tune) {
  return {environment_.metrics,
          {.tune = tune,
           .store = tuning_file_.has_value() ? &*tuning_file_ : nullptr,
           .budget = &environment_.primitives}};
}

void LayerLoader::TuneInBackground(std::vector<repository::LoadedLayer> loaded) {
  tuner_ = std::jthread([this, loaded = std::move(loaded)](const std::stop_token& stop) {
    for (const repository::LoadedLayer& layer : loaded) {
      for (const repository::LoadedVersion& version : layer.versions) {
        if (!stop.stop_requested()) Tune(layer.name, version);
      }
    }
    SaveTuningFile();
    if (!stop.stop_requested()) spdlog::info("tuned layers={}", loaded.size());
  });
}

void LayerLoader::Tune(const std::string& name, const repository::LoadedVersion& version) {
  const std::shared_ptr<const registry::Snapshot> snapshot = environment_.registry.snapshot();
  const auto live = snapshot->Find(name, absl::StrCat(version.version));
  if (!live.ok() || (*live)->layer != version.layer) return;
  auto tuned = Compiler(/*tune=*/true).Compile(name, version);
  if (tuned.ok()) {
    live_.Replace(**live, *std::move(tuned));
  } else {
    spdlog::warn("cannot tune layer={} version={} error={}", Quoted(name), version.version,
                 Quoted(std::string(tuned.status().message())));
  }
}

void LayerLoader::ReadTuningFile() {
  if (options_.tuning_file.empty()) return;
  tuning_file_.emplace(options_.tuning_file, engine::TuningMachine());
  const absl::Status status = tuning_file_->Load();
  if (!status.ok()) spdlog::warn("measuring anew error={}", Quoted(std::string(status.message())));
}

void LayerLoader::SaveTuningFile() {
  if (!tuning_file_.has_value()) return;
  const absl::Status status = tuning_file_->Save();
  if (!status.ok()) {
    spdlog::warn("the next start measures again error={}", Quoted(std::string(status.message())));
  }
}

}  // namespace convoy::loading
