#include "server/status/status_json.h"

#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/recent_warnings.h"
#include "server/metrics/process_stats.h"
#include "server/status/diagnosis.h"

namespace convoy::status {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::system_clock;

constexpr int kSchema = 1;
constexpr double kNanosecondsPerSecond = 1e9;
constexpr std::pair<const char*, double> kQuantiles[] = {{"p50", 0.5}, {"p99", 0.99}};
// What the numbers of "now" are taken of.
constexpr std::chrono::seconds kNow{10};

// To four digits or to the whole number: nobody reads more, and it is less to send.
double Short(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const double digits = 3 - std::floor(std::log10(std::fabs(value)));
  if (digits <= 0) return std::round(value);
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}

Json ShortOrNull(std::optional<double> value, double unit = 1) {
  return value ? Json(Short(*value / unit)) : Json(nullptr);
}

Json Seconds(std::optional<double> nanoseconds) {
  return ShortOrNull(nanoseconds, kNanosecondsPerSecond);
}

// Unix time to the millisecond.
double UnixSeconds(system_clock::time_point time) {
  using std::chrono::milliseconds;
  return static_cast<double>(
             std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count()) /
         1e3;
}

std::optional<double> PartsOfBatch(const Figures& figures) {
  const uint64_t batches = figures.batch_requests.Count();
  if (batches == 0) return std::nullopt;
  return static_cast<double>(figures.batch_parts) / static_cast<double>(batches);
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

Facts FactsOf(const Sources& sources, const registry::Snapshot& snapshot) {
  Facts facts;
  facts.draining = sources.registry.draining();
  facts.complete = snapshot.complete();
  facts.readiness = sources.registry.readiness();
  facts.layers = snapshot.Count();
  for (const registry::LiveLayer& layer : snapshot.layers()) {
    if (layer.errors.empty()) continue;
    std::string& example = layer.versions.empty() ? facts.broken_layer : facts.load_error;
    if (example.empty()) example = Message(layer.errors.front());
  }
  facts.repository_readable = sources.metrics.Value("convoy_repository_readable").value_or(1) != 0;
  facts.memory_limit_bytes = sources.metrics.Value("convoy_memory_limit_bytes").value_or(0);
  if (!sources.recorder.points().empty()) {
    const Gauges& gauges = sources.recorder.points().back().gauges;
    facts.queue_requests = gauges.queue_requests;
    facts.resident_bytes = gauges.resident_bytes;
  }
  facts.workers = sources.server.value("workers", 1);
  facts.recent = sources.recorder.Last(kNow);
  facts.minute = sources.recorder.Last(Recorder::kWindow);
  return facts;
}

Json StateJson(const Facts& facts) {
  const Diagnosis diagnosis = Diagnose(facts);
  return Json{{"level", NameOf(diagnosis.level)},
              {"sentence", diagnosis.sentence},
              {"also", diagnosis.also}};
}

Json ServerJson(const Json& server) {
  Json shown = Json::object();
  for (const char* const name :
       {"version", "instruction_set", "grpc_address", "workers", "pollers"}) {
    if (server.contains(name)) shown[name] = server[name];
  }
  if (const auto process = metrics::ReadProcessStats()) {
    shown["started"] = std::round(process->start_time_seconds);
  }
  return shown;
}

Json StagesJson(const Figures& figures) {
  Json stages = Json::object();
  for (const Stage stage : kAllStages) {
    const Buckets& nanoseconds = figures.NanosecondsIn(stage);
    stages[NameOf(stage)] = Json{{"mean", Seconds(nanoseconds.Mean())},
                                 {"p50", Seconds(nanoseconds.Quantile(0.5))},
                                 {"p99", Seconds(nanoseconds.Quantile(0.99))}};
  }
  return stages;
}

// The stage whose slow calls are the slowest; null when there were no calls.
Json SlowestStage(const Figures& figures) {
  Json slowest;
  double most = 0;
  for (const Stage stage : kAllStages) {
    const double p99 = figures.NanosecondsIn(stage).Quantile(0.99).value_or(0);
    if (p99 <= most) continue;
    most = p99;
    slowest = NameOf(stage);
  }
  return slowest;
}

Json NowJson(const Facts& facts, const Recorder& recorder) {
  const Span& recent = facts.recent;
  Json per_second = Json::object();
  for (const Outcome outcome : kAllOutcomes) {
    per_second[NameOf(outcome)] =
        Short(recent.PerSecond(static_cast<double>(recent.figures.Requests(outcome))));
  }
  Json now{{"seconds", Short(recent.seconds)},
           {"calls_per_second", std::move(per_second)},
           {"p50", Seconds(recent.figures.answered_nanoseconds.Quantile(0.5))},
           {"p99", Seconds(recent.figures.answered_nanoseconds.Quantile(0.99))},
           {"stages", StagesJson(recent.figures)},
           {"batch_parts", ShortOrNull(PartsOfBatch(recent.figures))},
           {"cores", Short(recent.PerSecond(recent.cpu_seconds))},
           {"utilisation", Short(Utilisation(recent, facts.workers))},
           {"unknown_layer_calls", facts.minute.unknown_layer_requests},
           {"memory_limit_bytes", facts.memory_limit_bytes}};
  const Point point = recorder.points().empty() ? Point{} : recorder.points().back();
  now["resident_bytes"] = point.gauges.resident_bytes;
  now["connections"] = point.gauges.connections;
  now["queue_requests"] = point.gauges.queue_requests;
  now["queue_seconds"] = Short(point.gauges.queue_seconds);
  return now;
}

// One list a series, each with a value a point.
Json HistoryJson(const Recorder& recorder) {
  Json history = Json::object();
  const auto add = [&](const std::string& name, const auto& value) {
    Json& series = history[name] = Json::array();
    for (const Point& point : recorder.points()) series.push_back(value(point));
  };
  add("time", [](const Point& point) { return UnixSeconds(point.time); });
  for (const Outcome outcome : kAllOutcomes) {
    add(NameOf(outcome), [outcome](const Point& point) {
      const Span& span = point.since_last;
      return Short(span.PerSecond(static_cast<double>(span.figures.Requests(outcome))));
    });
  }
  for (const auto& [name, quantile] : kQuantiles) {
    add(name, [quantile = quantile](const Point& point) {
      return Seconds(point.since_last.figures.answered_nanoseconds.Quantile(quantile));
    });
    for (const Stage stage : kAllStages) {
      add(absl::StrCat(NameOf(stage), "_", name), [stage, quantile = quantile](const Point& point) {
        return Seconds(point.since_last.figures.NanosecondsIn(stage).Quantile(quantile));
      });
    }
  }
  add("batch_parts",
      [](const Point& point) { return ShortOrNull(PartsOfBatch(point.since_last.figures)); });
  add("queue_requests", [](const Point& point) { return point.gauges.queue_requests; });
  add("queue_seconds", [](const Point& point) { return Short(point.gauges.queue_seconds); });
  add("cores", [](const Point& point) {
    return Short(point.since_last.PerSecond(point.since_last.cpu_seconds));
  });
  return history;
}

Json LayerJson(const registry::LiveLayer& layer, const Span& span, double all_work) {
  Json versions = Json::array();
  for (const auto& live : layer.versions) versions.push_back(live->version);
  Json calls = Json::object();
  for (const Outcome outcome : kAllOutcomes) {
    const uint64_t count = span.figures.Requests(outcome);
    if (count != 0) calls[NameOf(outcome)] = count;
  }
  Json shown{{"name", layer.name},
             {"state", registry::StateName(layer.state())},
             {"versions", std::move(versions)}};
  shown["runs_as"] =
      layer.versions.empty() ? Json(nullptr) : Json(layer.versions.front()->DescribeExecution());
  const auto& problems = layer.errors.empty() ? layer.incomplete : layer.errors;
  shown["problem"] = problems.empty() ? Json(nullptr) : Json(Message(problems.front()));
  shown["seconds"] = Short(span.seconds);
  shown["calls"] = std::move(calls);
  shown["calls_per_second"] =
      Short(span.PerSecond(static_cast<double>(span.figures.AllRequests())));
  shown["p50"] = Seconds(span.figures.answered_nanoseconds.Quantile(0.5));
  shown["p99"] = Seconds(span.figures.answered_nanoseconds.Quantile(0.99));
  shown["slowest_stage"] = SlowestStage(span.figures);
  shown["batch_parts"] = ShortOrNull(PartsOfBatch(span.figures));
  const auto work = static_cast<double>(span.figures.work_nanoseconds);
  shown["work"] = all_work > 0 ? Short(work / all_work) : 0;
  return shown;
}

Json LayersJson(const registry::Snapshot& snapshot, const Recorder& recorder) {
  std::vector<Span> spans;
  double all_work = 0;
  for (const registry::LiveLayer& layer : snapshot.layers()) {
    spans.push_back(recorder.Layer(layer.name));
    all_work += static_cast<double>(spans.back().figures.work_nanoseconds);
  }
  Json layers = Json::array();
  for (size_t i = 0; i < spans.size(); ++i) {
    layers.push_back(LayerJson(snapshot.layers()[i], spans[i], all_work));
  }
  return layers;
}

Json WarningsJson() {
  Json warnings = Json::array();
  for (const LoggedWarning& warning : RecentWarnings::OfThisProcess()->Latest()) {
    warnings.push_back(Json{{"time", UnixSeconds(warning.time)},
                            {"level", warning.level},
                            {"message", warning.message},
                            {"count", warning.count}});
  }
  return warnings;
}

}  // namespace

Json StatusJson(const Sources& sources) {
  const auto snapshot = sources.registry.snapshot();
  const Facts facts = FactsOf(sources, *snapshot);
  return Json{{"schema", kSchema},
              {"time", UnixSeconds(system_clock::now())},
              {"state", StateJson(facts)},
              {"server", ServerJson(sources.server)},
              {"now", NowJson(facts, sources.recorder)},
              {"history", HistoryJson(sources.recorder)},
              {"layers", LayersJson(*snapshot, sources.recorder)},
              {"warnings", WarningsJson()}};
}

}  // namespace convoy::status
