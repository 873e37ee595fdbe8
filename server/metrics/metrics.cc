#include "server/metrics/metrics.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>
#include <prometheus/text_serializer.h>

#include <cstdint>
#include <limits>
#include <map>

#include "kernel/base/mutex.h"
#include "server/metrics/layer_instruments.h"
#include "server/metrics/process_stats.h"
#include "server/metrics/sharded_counters.h"

namespace convoy::metrics {
namespace {

using Families = std::vector<prometheus::MetricFamily>;
using Shown = std::vector<prometheus::ClientMetric::Label>;
using InstrumentsByLayer = std::map<std::string, std::weak_ptr<LayerInstruments>, std::less<>>;

constexpr double kNanosecondsPerSecond = 1e9;

prometheus::MetricFamily Family(std::string_view name, std::string_view help,
                                prometheus::MetricType type) {
  return {std::string(name), std::string(help), type, {}};
}

Shown ToShown(const Metrics::Labels& labels) {
  Shown converted;
  for (const auto& [name, value] : labels) converted.push_back({name, value});
  return converted;
}

void AppendCounter(prometheus::MetricFamily& family, Shown labels, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.counter.value = value;
}

// `scale` of the histogram's units make one of the family's.
void AppendHistogram(prometheus::MetricFamily& family, Shown labels,
                     const ShardedHistogram& histogram, double scale) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  const std::vector<uint64_t> counts = histogram.CumulativeCounts();
  for (size_t i = 0; i < counts.size(); ++i) {
    const double bound = i < histogram.bounds().size()
                             ? static_cast<double>(histogram.bounds()[i]) / scale
                             : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({counts[i], bound});
  }
  metric.histogram.sample_count = counts.back();
  metric.histogram.sample_sum = static_cast<double>(histogram.Sum()) / scale;
}

// What a served layer can answer with: shown from the start, so that the first
// error is an increase from 0 and not a series out of nowhere.
bool IsExpected(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kInternal:
      return true;
    default:
      return false;
  }
}

// The series of one layer at the end of every family.
class LayerFamilies {
 public:
  void Add(const std::string& layer, const LayerInstruments& instruments) {
    const Shown labels = {{"layer", layer}};
    for (size_t i = 0; i < kStatusCodes; ++i) {
      const auto code = static_cast<absl::StatusCode>(i);
      const uint64_t count = instruments.Requests(code);
      if (count == 0 && !IsExpected(code)) continue;
      AppendCounter(requests_, {{"layer", layer}, {"code", absl::StatusCodeToString(code)}},
                    static_cast<double>(count));
    }
    AppendHistogram(request_duration_, {{"layer", layer}, {"outcome", "answered"}},
                    instruments.answered_nanoseconds(), kNanosecondsPerSecond);
    AppendHistogram(request_duration_, {{"layer", layer}, {"outcome", "failed"}},
                    instruments.failed_nanoseconds(), kNanosecondsPerSecond);
    AppendCounter(execution_, labels,
                  static_cast<double>(instruments.ExecutionNanoseconds()) / kNanosecondsPerSecond);
    AppendCounter(input_bytes_, labels, static_cast<double>(instruments.InputBytes()));
    AppendCounter(output_bytes_, labels, static_cast<double>(instruments.OutputBytes()));
    AppendHistogram(batch_requests_, labels, instruments.batch_requests(), 1);
    AppendCounter(batch_parts_, labels, static_cast<double>(instruments.BatchParts()));
    AppendCounter(batch_sequences_, labels, static_cast<double>(instruments.BatchSequences()));
    AppendHistogram(batch_duration_, labels, instruments.batch_nanoseconds(),
                    kNanosecondsPerSecond);
  }

  void MoveTo(Families& families) && {
    for (prometheus::MetricFamily* family :
         {&requests_, &request_duration_, &execution_, &input_bytes_, &output_bytes_,
          &batch_requests_, &batch_parts_, &batch_sequences_, &batch_duration_}) {
      if (!family->metric.empty()) families.push_back(std::move(*family));
    }
  }

 private:
  static constexpr auto kCounter = prometheus::MetricType::Counter;
  static constexpr auto kHistogram = prometheus::MetricType::Histogram;

  prometheus::MetricFamily requests_ =
      Family("convoy_requests_total", "ModelInfer calls that ended, by gRPC status.", kCounter);
  prometheus::MetricFamily request_duration_ = Family(
      "convoy_request_duration_seconds",
      "Time of a ModelInfer call inside the server, from its receipt to its answer.", kHistogram);
  prometheus::MetricFamily execution_ =
      Family("convoy_request_execution_seconds_total",
             "Time for which at least one part of a request was executed, of requests that were "
             "computed to the end.",
             kCounter);
  prometheus::MetricFamily input_bytes_ = Family(
      "convoy_request_input_bytes_total", "Tensor bytes that ModelInfer calls brought.", kCounter);
  prometheus::MetricFamily output_bytes_ =
      Family("convoy_request_output_bytes_total", "Tensor bytes that ModelInfer calls took away.",
             kCounter);
  prometheus::MetricFamily batch_requests_ =
      Family("convoy_batch_requests",
             "Requests that an executed batch completed; 0 where it computed only parts of larger "
             "ones.",
             kHistogram);
  prometheus::MetricFamily batch_parts_ =
      Family("convoy_batch_parts_total",
             "Parts of requests in executed batches; a request that was not cut is one.", kCounter);
  prometheus::MetricFamily batch_sequences_ =
      Family("convoy_batch_sequences_total",
             "Sequences (N of the tensors) of requests that batches completed.", kCounter);
  prometheus::MetricFamily batch_duration_ = Family(
      "convoy_batch_duration_seconds", "Time to execute a batch, copies included.", kHistogram);
};

}  // namespace

class Metrics::State {
 public:
  std::shared_ptr<LayerMetrics> ForLayer(std::string_view layer) {
    const MutexLock lock(mutex_);
    std::weak_ptr<LayerInstruments>& known = layers_[std::string(layer)];
    std::shared_ptr<LayerInstruments> instruments = known.lock();
    if (instruments == nullptr) {
      instruments = std::make_shared<LayerInstruments>();
      known = instruments;
    }
    return instruments;
  }

  void OnUnknownLayer(absl::StatusCode code) { unknown_layer_.Add(StatusCodeIndex(code), 1); }

  void AddAsked(prometheus::MetricFamily family, std::function<double()> value,
                const Metrics::Labels& labels) {
    const MutexLock lock(mutex_);
    asked_.push_back({std::move(family), ToShown(labels), std::move(value)});
  }

  void AddHistogram(prometheus::MetricFamily family, const ShardedHistogram& histogram,
                    double scale) {
    const MutexLock lock(mutex_);
    histograms_.push_back({std::move(family), histogram, scale});
  }

  void AddInfo(std::string_view name, std::string_view help, const Metrics::Labels& labels) {
    prometheus::MetricFamily family = Family(name, help, prometheus::MetricType::Gauge);
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label = ToShown(labels);
    metric.gauge.value = 1;
    const MutexLock lock(mutex_);
    infos_.push_back(std::move(family));
  }

  Families Collect() {
    const MutexLock lock(mutex_);
    Families families = infos_;
    LayerFamilies layers;
    std::erase_if(layers_, [](const auto& layer) { return layer.second.expired(); });
    for (const auto& [layer, known] : layers_) {
      if (const auto instruments = known.lock()) layers.Add(layer, *instruments);
    }
    std::move(layers).MoveTo(families);
    families.push_back(UnknownLayer());
    for (const Asked& asked : asked_) {
      if (families.back().name != asked.family.name) families.push_back(asked.family);
      prometheus::ClientMetric& metric = families.back().metric.emplace_back();
      metric.label = asked.labels;
      const double value = asked.value();
      metric.gauge.value = value;  // which of the two is shown follows from the family's type
      metric.counter.value = value;
    }
    for (const Histogram& histogram : histograms_) {
      families.push_back(histogram.family);
      AppendHistogram(families.back(), {}, histogram.values, histogram.scale);
    }
    AddProcess(families);
    return families;
  }

 private:
  // A metric whose value is asked for at every scrape.
  struct Asked {
    prometheus::MetricFamily family;  // without its metric
    Shown labels;
    std::function<double()> value;
  };

  struct Histogram {
    prometheus::MetricFamily family;  // without its metric
    const ShardedHistogram& values;
    double scale;
  };

  prometheus::MetricFamily UnknownLayer() const {
    prometheus::MetricFamily family =
        Family("convoy_unknown_layer_requests_total",
               "ModelInfer calls that named no known layer or could not be read, by gRPC status.",
               prometheus::MetricType::Counter);
    for (size_t i = 0; i < kStatusCodes; ++i) {
      const auto code = static_cast<absl::StatusCode>(i);
      const uint64_t count = unknown_layer_.Total(i);
      const bool expected =
          code == absl::StatusCode::kNotFound || code == absl::StatusCode::kInvalidArgument;
      if (count == 0 && !expected) continue;
      AppendCounter(family, {{"code", absl::StatusCodeToString(code)}}, static_cast<double>(count));
    }
    return family;
  }

  // The names that every Prometheus client library uses.
  static void AddProcess(Families& families) {
    const std::optional<ProcessStats> stats = ReadProcessStats();
    if (!stats) return;
    const auto gauge = [&families](std::string_view name, std::string_view help, double value) {
      families.push_back(Family(name, help, prometheus::MetricType::Gauge));
      families.back().metric.emplace_back().gauge.value = value;
    };
    families.push_back(Family("process_cpu_seconds_total",
                              "User and system CPU time of the process.",
                              prometheus::MetricType::Counter));
    AppendCounter(families.back(), {}, stats->cpu_seconds);
    gauge("process_resident_memory_bytes", "Resident memory of the process.",
          static_cast<double>(stats->resident_bytes));
    gauge("process_threads", "Threads of the process.", static_cast<double>(stats->threads));
    gauge("process_start_time_seconds", "When the process started, Unix time.",
          stats->start_time_seconds);
  }

  ShardedCounters<kStatusCodes> unknown_layer_;

  mutable Mutex mutex_;
  // Of a layer that nobody holds any more until the next scrape.
  InstrumentsByLayer layers_ ABSL_GUARDED_BY(mutex_);
  std::vector<Asked> asked_ ABSL_GUARDED_BY(mutex_);
  std::vector<Histogram> histograms_ ABSL_GUARDED_BY(mutex_);
  Families infos_ ABSL_GUARDED_BY(mutex_);
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

std::shared_ptr<LayerMetrics> Metrics::ForLayer(std::string_view layer) {
  return state_->ForLayer(layer);
}

void Metrics::OnUnknownLayer(absl::StatusCode code) { state_->OnUnknownLayer(code); }

void Metrics::AddGauge(std::string_view name, std::string_view help,
                       std::function<double()> value) {
  state_->AddAsked(Family(name, help, prometheus::MetricType::Gauge), std::move(value), {});
}

void Metrics::AddCounter(std::string_view name, std::string_view help,
                         std::function<double()> value, const Labels& labels) {
  state_->AddAsked(Family(name, help, prometheus::MetricType::Counter), std::move(value), labels);
}

void Metrics::AddHistogram(std::string_view name, std::string_view help,
                           const ShardedHistogram& histogram, double scale) {
  state_->AddHistogram(Family(name, help, prometheus::MetricType::Histogram), histogram, scale);
}

void Metrics::AddInfo(std::string_view name, std::string_view help, const Labels& labels) {
  state_->AddInfo(name, help, labels);
}

std::string Metrics::Serialize() const {
  return prometheus::TextSerializer().Serialize(state_->Collect());
}

}  // namespace convoy::metrics
