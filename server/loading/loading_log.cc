#include "server/loading/loading_log.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "absl/types/span.h"
#include "server/base/logging.h"

namespace convoy::loading {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

// From a tiny layer whose timings are known to one of gigabytes.
constexpr int64_t kBounds[] = {1'000'000,      2'500'000,      5'000'000,     10'000'000,
                               25'000'000,     50'000'000,     100'000'000,   250'000'000,
                               500'000'000,    1'000'000'000,  2'500'000'000, 5'000'000'000,
                               10'000'000'000, 25'000'000'000, 60'000'000'000};

double UnixSeconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string Message(const absl::Status& status) { return Quoted(std::string(status.message())); }

}  // namespace

LoadingLog::LoadingLog(metrics::Metrics& metrics) : nanoseconds_(kBounds) {
  constexpr char kLoads[] = "convoy_loads_total";
  constexpr char kHelp[] = "Versions that were loaded anew or not, by result.";
  const auto add = [&](const char* result, const std::atomic<int64_t>& count) {
    metrics.AddCounter(kLoads, kHelp, [&count] { return static_cast<double>(count.load()); },
                       {{"result", result}});
  };
  add("loaded", loaded_);
  add("unchanged", unchanged_);
  add("failed", failed_);
  add("unloaded", unloaded_);
  metrics.AddHistogram("convoy_load_duration_seconds",
                       "Time to read a version and make it ready to be called.", nanoseconds_,
                       kNanosecondsPerSecond);
  metrics.AddGauge("convoy_last_load_timestamp_seconds",
                   "When a version was last loaded, Unix time; 0 for never.",
                   [this] { return last_success_.load(); });
  metrics.AddGauge("convoy_repository_readable",
                   "1 while the repository can be read, 0 while it is gone.",
                   [this] { return readable_.load() ? 1.0 : 0.0; });
}

void LoadingLog::OnNews(const std::string& layer, const LayerNews& news) {
  const bool serves = news.layer.has_value() && !news.layer->versions.empty();
  for (const LayerEvent& event : news.events) {
    switch (event.kind) {
      case LayerEvent::Kind::kLoaded:
        ++loaded_;
        last_success_ = UnixSeconds();
        OnLoaded(layer, news, event.version);
        break;
      case LayerEvent::Kind::kUnchanged:
        ++unchanged_;
        last_success_ = UnixSeconds();
        break;
      case LayerEvent::Kind::kFailed:
        OnFailed(layer, serves, event);
        break;
      case LayerEvent::Kind::kUnloaded:
        ++unloaded_;
        spdlog::info("layer unloaded layer={} version={}", Quoted(layer), event.version);
        break;
    }
  }
}

void LoadingLog::OnLoaded(const std::string& layer, const LayerNews& news, int64_t version) {
  spdlog::info("layer loaded layer={} version={}", Quoted(layer), version);
  if (!news.layer.has_value()) return;
  for (const auto& live : news.layer->versions) {
    if (live->version != version || !live->serving.initialize_seed.has_value()) continue;
    spdlog::warn("weights are initialized, not trained layer={} version={} seed={}", Quoted(layer),
                 version, *live->serving.initialize_seed);
  }
}

void LoadingLog::OnFailed(const std::string& layer, bool serves, const LayerEvent& event) {
  ++failed_;
  spdlog::log(serves ? spdlog::level::warn : spdlog::level::err, "cannot load layer={} error={}",
              Quoted(layer), Message(event.status));
}

void LoadingLog::OnRepository(const absl::Status& status) {
  if (readable_.exchange(status.ok()) == status.ok()) return;
  if (status.ok()) {
    spdlog::info("the repository is there again");
  } else {
    spdlog::error("the repository is gone, what is live stays so error={}", Message(status));
  }
}

void LoadingLog::OnWatch(bool complete) {
  if (watched_.exchange(complete) == complete || complete) return;
  spdlog::warn(
      "the system allows no more watched folders (fs.inotify), looking every second instead");
}

}  // namespace convoy::loading
