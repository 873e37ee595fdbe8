#include "server/metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdint>
#include <map>

#include "kernel/base/mutex.h"
#include "server/metrics/families.h"
#include "server/metrics/layer_families.h"
#include "server/metrics/layer_instruments.h"
#include "server/metrics/process_families.h"
#include "server/metrics/sharded_counters.h"
#include "server/metrics/version_instruments.h"

namespace convoy::metrics {
namespace {

using InstrumentsByLayer = std::map<std::string, std::weak_ptr<LayerInstruments>, std::less<>>;
// By the names of the layer and of the version.
using InstrumentsByVersion =
    std::map<std::pair<std::string, std::string>, std::weak_ptr<VersionInstruments>>;

Shown ToShown(const Metrics::Labels& labels) {
  Shown converted;
  for (const auto& [name, value] : labels) converted.push_back({name, value});
  return converted;
}

}  // namespace

class Metrics::State {
 public:
  std::shared_ptr<LayerMetrics> ForVersion(std::string_view layer, std::string_view version) {
    const MutexLock lock(mutex_);
    std::weak_ptr<VersionInstruments>& known =
        versions_[{std::string(layer), std::string(version)}];
    std::shared_ptr<VersionInstruments> instruments = known.lock();
    if (instruments == nullptr) {
      instruments = std::make_shared<VersionInstruments>(LayersOwn(layer));
      known = instruments;
    }
    return instruments;
  }

  void OnUnknownLayer(absl::StatusCode code) { unknown_layer_.Add(StatusCodeIndex(code), 1); }

  void OnRefusal(batching::RefusalReason reason) { refusals_.Add(static_cast<size_t>(reason), 1); }

  void AddSampled(prometheus::MetricFamily family, Metrics::Samples samples) {
    const MutexLock lock(mutex_);
    sampled_.push_back({std::move(family), std::move(samples)});
  }

  void TellBacklogsBy(std::function<void()> tell) {
    const MutexLock lock(mutex_);
    tell_backlogs_ = std::move(tell);
  }

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

  std::vector<std::pair<std::string, std::shared_ptr<const LayerInstruments>>> Layers() const {
    const MutexLock lock(mutex_);
    std::vector<std::pair<std::string, std::shared_ptr<const LayerInstruments>>> layers;
    layers.reserve(layers_.size());
    for (const auto& [layer, known] : layers_) {
      if (auto instruments = known.lock()) layers.emplace_back(layer, std::move(instruments));
    }
    return layers;
  }

  uint64_t UnknownLayerRequests(absl::StatusCode code) const {
    return unknown_layer_.Total(StatusCodeIndex(code));
  }

  std::optional<double> Value(std::string_view name) const {
    std::function<double()> value;
    {
      const MutexLock lock(mutex_);
      const auto asked = std::find_if(asked_.begin(), asked_.end(), [name](const Asked& asked) {
        return asked.family.name == name && asked.labels.empty();
      });
      if (asked != asked_.end()) value = asked->value;
    }
    if (value == nullptr) return std::nullopt;
    return value();
  }

  Families Collect() {
    const MutexLock lock(mutex_);
    Families families = infos_;
    if (tell_backlogs_ != nullptr) tell_backlogs_();
    LayerFamilies layers;
    std::erase_if(layers_, [](const auto& layer) { return layer.second.expired(); });
    std::erase_if(versions_, [](const auto& version) { return version.second.expired(); });
    for (const auto& [names, known] : versions_) {
      if (const auto instruments = known.lock()) {
        layers.AddVersion(names.first, names.second, *instruments);
      }
    }
    for (const auto& [layer, known] : layers_) {
      if (const auto instruments = known.lock()) layers.Add(layer, *instruments);
    }
    std::move(layers).MoveTo(families);
    families.push_back(UnknownLayer());
    families.push_back(RefusedRequests());
    for (const Asked& asked : asked_) {
      if (families.back().name != asked.family.name) families.push_back(asked.family);
      prometheus::ClientMetric& metric = families.back().metric.emplace_back();
      metric.label = asked.labels;
      const double value = asked.value();
      metric.gauge.value = value;  // which of the two is shown follows from the family's type
      metric.counter.value = value;
    }
    for (const Sampled& sampled : sampled_) {
      families.push_back(sampled.family);
      for (const Metrics::Sample& sample : sampled.samples()) {
        prometheus::ClientMetric& metric = families.back().metric.emplace_back();
        metric.label = ToShown(sample.labels);
        metric.gauge.value = sample.value;  // as above
        metric.counter.value = sample.value;
      }
      if (families.back().metric.empty()) families.pop_back();
    }
    for (const Histogram& histogram : histograms_) {
      families.push_back(histogram.family);
      AppendHistogram(families.back(), {}, histogram.values, histogram.scale);
    }
    AddProcessFamilies(families);
    return families;
  }

 private:
  // A metric whose value is asked for at every scrape.
  struct Asked {
    prometheus::MetricFamily family;  // without its metric
    Shown labels;
    std::function<double()> value;
  };

  struct Sampled {
    prometheus::MetricFamily family;  // without its metrics
    Metrics::Samples samples;
  };

  struct Histogram {
    prometheus::MetricFamily family;  // without its metric
    const ShardedHistogram& values;
    double scale;
  };

  std::shared_ptr<LayerInstruments> LayersOwn(std::string_view layer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::weak_ptr<LayerInstruments>& known = layers_[std::string(layer)];
    std::shared_ptr<LayerInstruments> instruments = known.lock();
    if (instruments == nullptr) {
      instruments = std::make_shared<LayerInstruments>();
      known = instruments;
    }
    return instruments;
  }

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

  prometheus::MetricFamily RefusedRequests() const {
    prometheus::MetricFamily family =
        Family("convoy_refused_requests_total",
               "ModelInfer calls that were refused, by what was too much.",
               prometheus::MetricType::Counter);
    for (size_t i = 0; i < batching::kRefusalReasons; ++i) {
      AppendCounter(family, {{"reason", NameOf(static_cast<batching::RefusalReason>(i))}},
                    static_cast<double>(refusals_.Total(i)));
    }
    return family;
  }

  ShardedCounters<kStatusCodes> unknown_layer_;
  ShardedCounters<batching::kRefusalReasons> refusals_;

  mutable Mutex mutex_;
  // Of a layer that nobody holds any more until the next scrape.
  InstrumentsByLayer layers_ ABSL_GUARDED_BY(mutex_);
  InstrumentsByVersion versions_ ABSL_GUARDED_BY(mutex_);
  std::vector<Asked> asked_ ABSL_GUARDED_BY(mutex_);
  std::vector<Sampled> sampled_ ABSL_GUARDED_BY(mutex_);
  std::vector<Histogram> histograms_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> tell_backlogs_ ABSL_GUARDED_BY(mutex_);
  Families infos_ ABSL_GUARDED_BY(mutex_);
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

std::shared_ptr<LayerMetrics> Metrics::ForLayer(std::string_view layer) {
  return state_->ForVersion(layer, "");
}

std::shared_ptr<LayerMetrics> Metrics::ForVersion(std::string_view layer,
                                                  std::string_view version) {
  return state_->ForVersion(layer, version);
}

void Metrics::OnUnknownLayer(absl::StatusCode code) { state_->OnUnknownLayer(code); }

void Metrics::OnRefusal(batching::RefusalReason reason) { state_->OnRefusal(reason); }

void Metrics::AddGauge(std::string_view name, std::string_view help,
                       std::function<double()> value) {
  state_->AddAsked(Family(name, help, prometheus::MetricType::Gauge), std::move(value), {});
}

void Metrics::AddCounter(std::string_view name, std::string_view help,
                         std::function<double()> value, const Labels& labels) {
  state_->AddAsked(Family(name, help, prometheus::MetricType::Counter), std::move(value), labels);
}

void Metrics::AddGauges(std::string_view name, std::string_view help, Samples samples) {
  state_->AddSampled(Family(name, help, prometheus::MetricType::Gauge), std::move(samples));
}

void Metrics::AddCounters(std::string_view name, std::string_view help, Samples samples) {
  state_->AddSampled(Family(name, help, prometheus::MetricType::Counter), std::move(samples));
}

void Metrics::TellBacklogsBy(std::function<void()> tell) {
  state_->TellBacklogsBy(std::move(tell));
}

void Metrics::AddHistogram(std::string_view name, std::string_view help,
                           const ShardedHistogram& histogram, double scale) {
  state_->AddHistogram(Family(name, help, prometheus::MetricType::Histogram), histogram, scale);
}

void Metrics::AddInfo(std::string_view name, std::string_view help, const Labels& labels) {
  state_->AddInfo(name, help, labels);
}

std::vector<std::pair<std::string, std::shared_ptr<const LayerInstruments>>> Metrics::Layers()
    const {
  return state_->Layers();
}

uint64_t Metrics::UnknownLayerRequests(absl::StatusCode code) const {
  return state_->UnknownLayerRequests(code);
}

std::optional<double> Metrics::Value(std::string_view name) const { return state_->Value(name); }

std::string Metrics::Serialize() const {
  return prometheus::TextSerializer().Serialize(state_->Collect());
}

}  // namespace convoy::metrics
