#include "server/loading/layer_loader.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string>
#include <utility>

#include "kernel/base/status_macros.h"
#include "kernel/base/thread.h"
#include "kernel/engine/tuning/tuning_store.h"
#include "server/base/logging.h"

namespace convoy::loading {

using registry::LiveVersion;

LayerLoader::LayerLoader(const LoadingOptions& options, const LoadingEnvironment& environment)
    : options_(options),
      environment_(environment),
      live_(environment.registry, environment.metrics),
      log_(environment.metrics),
      tuning_file_(options.tuning_file, engine::TuningMachine()),
      memory_(&tuning_file_),
      compiler_(environment.metrics, environment.primitives, memory_, environment.overrides) {}

LayerLoader::~LayerLoader() { Stop(); }

absl::Status LayerLoader::Open() {
  CONVOY_ASSIGN_OR_RETURN(
      repository_, repository::ModelRepository::Open(options_.repository, options_.sections));
  CONVOY_RETURN_IF_ERROR(repository_->ListLayers().status());
  follower_ = std::make_unique<RepositoryFollower>(
      *repository_, compiler_, live_, log_,
      RepositoryFollower::Options{.follow = options_.mode != "fixed",
                                  .most_watches = options_.most_watches});
  if (options_.mode == "managed") OpenForWriting();
  tuner_ = std::make_unique<BackgroundTuner>(
      compiler_,
      BackgroundTuner::Hooks{.may_time =
                                 [this] {
                                   return !complete_ || environment_.has_idle_worker == nullptr ||
                                          environment_.has_idle_worker();
                                 },
                             .replace =
                                 [this](const auto& stale, auto fresh) {
                                   follower_->Post([this, stale, fresh = std::move(fresh)] {
                                     follower_->Replace(stale, fresh);
                                   });
                                 },
                             .on_idle =
                                 [this] {
                                   SaveTuningFile();
                                   follower_->Post([] {});  // it may be time to turn ready
                                 }});
  return absl::OkStatus();
}

void LayerLoader::OpenForWriting() {
  writer_ = std::make_unique<repository::RepositoryWriter>(options_.repository);
  editor_ = std::make_unique<LayerEditor>(*writer_, *follower_, environment_.registry,
                                          options_.keep_versions);
}

void LayerLoader::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    SetThreadName("loader");
    Run(stop);
  });
}

void LayerLoader::RequestStop() { thread_.request_stop(); }

void LayerLoader::Stop() {
  RequestStop();
  if (thread_.joinable()) thread_.join();
  if (tuner_ != nullptr) tuner_->Stop();
}

void LayerLoader::Run(const std::stop_token& stop) {
  ReadTuningFile();
  const bool tunes = options_.tuning != "off";
  follower_->SetHooks(
      [this, tunes](const std::shared_ptr<const LiveVersion>& live) {
        if (tunes && !live->tuned) tuner_->Add(live);
      },
      [this] { return CompleteInTime(); });
  const absl::Status loaded = follower_->LoadAll(environment_.threads, stop);
  if (stop.stop_requested()) return;
  if (!loaded.ok()) log_.OnRepository(loaded);
  if (environment_.registry.snapshot()->layers().empty()) {
    spdlog::warn("the repository has no layers repository={}", Quoted(options_.repository));
  }
  if (writer_ != nullptr) CleanUp();
  tuning_deadline_ = Clock::now();
  if (options_.tuning == "load") {
    tuning_deadline_ += std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(options_.tuning_seconds));
  }
  if (tunes) tuner_->Start(environment_.niceness);
  // One thread that works beside those that serve.
  LowerPriority(environment_.niceness);
  follower_->Follow(stop);
}

void LayerLoader::CleanUp() {
  // A repository that cannot be written still serves; writes say why they fail.
  const absl::Status status = writer_->CleanUp();
  if (!status.ok()) {
    spdlog::warn("the repository cannot be written error={}",
                 Quoted(std::string(status.message())));
  }
}

Clock::time_point LayerLoader::CompleteInTime() {
  if (complete_) return Clock::time_point::max();
  if (tuner_->waiting() > 0 && Clock::now() < tuning_deadline_) return tuning_deadline_;
  if (tuner_->waiting() > 0) spdlog::info("tuning goes on versions={}", tuner_->waiting());
  live_.Complete();
  complete_ = true;
  return Clock::time_point::max();
}

void LayerLoader::ReadTuningFile() {
  const absl::Status status = tuning_file_.Load();
  if (!status.ok()) spdlog::warn("measuring anew error={}", Quoted(std::string(status.message())));
}

void LayerLoader::SaveTuningFile() {
  const absl::Status status = tuning_file_.Save();
  if (!status.ok()) {
    spdlog::warn("the next start measures again error={}", Quoted(std::string(status.message())));
  }
}

}  // namespace convoy::loading
