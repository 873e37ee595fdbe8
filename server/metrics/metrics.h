// Everything Convoy tells Prometheus.
#ifndef CONVOY_SERVER_METRICS_METRICS_H_
#define CONVOY_SERVER_METRICS_METRICS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/batching/refusal_reason.h"
#include "server/metrics/layer_instruments.h"
#include "server/metrics/layer_metrics.h"
#include "server/metrics/sharded_histogram.h"

namespace convoy::metrics {

// Thread-safe.
//
// Prometheus-cpp brings the data model and the text format. The counting is our
// own (LayerInstruments): its histogram takes a lock, which a request would
// feel as soon as two threads count.
class Metrics {
 public:
  // Names and values.
  using Labels = std::vector<std::pair<std::string, std::string>>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The instruments of `layer`, for calls that name no version of it that there is; the
  // same object for the same name while somebody holds it, and its series are shown for
  // as long. Call it for layers of the repository only: names that callers invent never
  // become label values.
  std::shared_ptr<LayerMetrics> ForLayer(std::string_view layer);

  // The same for the calls of one version, whose work counts as the layer's.
  std::shared_ptr<LayerMetrics> ForVersion(std::string_view layer, std::string_view version);

  // A ModelInfer call that named no known layer, or could not be read at all.
  void OnUnknownLayer(absl::StatusCode code);

  // A ModelInfer call was refused.
  void OnRefusal(batching::RefusalReason reason);

  // A gauge without labels whose value is asked for at every scrape.
  // REQUIRES: `name` is new and starts with "convoy_"; `value` is thread-safe,
  // does not call this object and outlives its use.
  void AddGauge(std::string_view name, std::string_view help, std::function<double()> value);

  // The same for a count that only grows. Counts of one name differ in their labels and
  // are added one after the other.
  // REQUIRES: `name` also ends with "_total".
  void AddCounter(std::string_view name, std::string_view help, std::function<double()> value,
                  const Labels& labels = {});

  // Counts, or gauges, of one name and any number of labels, asked for at every scrape.
  // Label values from closed sets only.
  // REQUIRES: as AddGauge; counts end with "_total".
  struct Sample {
    Labels labels;
    double value = 0;
  };
  using Samples = std::function<std::vector<Sample>()>;
  void AddGauges(std::string_view name, std::string_view help, Samples samples);
  void AddCounters(std::string_view name, std::string_view help, Samples samples);

  // Is called before every scrape, which shows what it tells to the instruments of
  // layers (BatchObserver::OnBacklog). At most once; as AddGauge.
  void TellBacklogsBy(std::function<void()> tell);

  // A histogram without labels, `scale` of whose units make one of the metric's.
  // REQUIRES: as AddGauge; `histogram` outlives its use.
  void AddHistogram(std::string_view name, std::string_view help, const ShardedHistogram& histogram,
                    double scale);

  // A constant 1 with facts as labels: {{"version", "0.1.0"}}.
  // REQUIRES: `name` is new, starts with "convoy_" and ends with "_info".
  void AddInfo(std::string_view name, std::string_view help, const Labels& labels);

  // What there is to read of each layer now, for others than Prometheus. Whoever keeps
  // one keeps its series.
  std::vector<std::pair<std::string, std::shared_ptr<const LayerInstruments>>> Layers() const;
  uint64_t UnknownLayerRequests(absl::StatusCode code) const;
  // What a gauge or counter without labels says now. Nothing if there is none.
  std::optional<double> Value(std::string_view name) const;

  // Prometheus text exposition format 0.0.4.
  std::string Serialize() const;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_METRICS_H_
