#include "server/status/recorder.h"

#include "server/metrics/process_stats.h"

namespace convoy::status {
namespace {

Gauges ReadGauges(const metrics::Metrics& metrics) {
  Gauges gauges;
  gauges.queue_requests = metrics.Value("convoy_queue_requests").value_or(0);
  gauges.queue_seconds = metrics.Value("convoy_queue_seconds").value_or(0);
  gauges.connections = metrics.Value("convoy_connections").value_or(0);
  if (const auto process = metrics::ReadProcessStats()) {
    gauges.cpu_seconds = process->cpu_seconds;
    gauges.resident_bytes = static_cast<double>(process->resident_bytes);
  }
  return gauges;
}

template <typename T>
bool IsSame(const std::weak_ptr<T>& known, const std::shared_ptr<T>& other) {
  return !known.owner_before(other) && !other.owner_before(known);
}

}  // namespace

void Recorder::Look(Moment now) {
  Point point{.time = now.wall, .gauges = ReadGauges(metrics_)};
  point.since_last = LookAtLayers(now.steady);
  point.since_last.seconds = std::chrono::duration<double>(now.steady - last_).count();
  point.since_last.cpu_seconds = point.gauges.cpu_seconds - last_cpu_seconds_;
  last_ = now.steady;
  last_cpu_seconds_ = point.gauges.cpu_seconds;
  if (looks_++ == 0) return;  // what came before is not of the last second
  points_.push_back(std::move(point));
  if (points_.size() > kPoints) points_.pop_front();
}

Span Recorder::LookAtLayers(Clock::time_point now) {
  Span total;
  for (const auto& [name, instruments] : metrics_.Layers()) {
    Record& record = layers_[name];
    total.figures += LookAt(record, instruments, now);
    record.seen = looks_;
  }
  std::erase_if(layers_, [this](const auto& layer) { return layer.second.seen != looks_; });
  for (size_t i = 0; i < metrics::kStatusCodes; ++i) {
    const auto code = static_cast<absl::StatusCode>(i);
    const uint64_t count = metrics_.UnknownLayerRequests(code);
    total.figures.requests[static_cast<size_t>(OutcomeOf(code))] += count - unknown_[i];
    total.unknown_layer_requests += count - unknown_[i];
    unknown_[i] = count;
  }
  return total;
}

Figures Recorder::LookAt(Record& record,
                         const std::shared_ptr<const metrics::LayerInstruments>& layer,
                         Clock::time_point now) const {
  if (record.latest == nullptr || !IsSame(record.instruments, layer)) {
    // It came since the last look, when all its counts were 0.
    record = Record{.instruments = layer, .latest = std::make_shared<const Figures>()};
    record.marks.emplace_back(looks_ == 0 ? now : last_, record.latest);
  }
  // What follows a call, that its answer was sent for example, is counted a little
  // later: so one look more.
  const uint64_t activity = layer->Activity();
  const bool quiet = activity == record.activity;
  record.activity = activity;
  Figures since_last;
  if (!quiet || !record.quiet) {
    const auto latest = std::make_shared<const Figures>(Figures::Of(*layer));
    since_last = *latest;
    since_last -= *record.latest;
    record.latest = latest;
    if (looks_ == 0) record.marks.front().second = latest;
  }
  record.quiet = quiet;
  Mark(record, now);
  return since_last;
}

void Recorder::Mark(Record& record, Clock::time_point now) {
  if (now - record.marks.back().first >= kMark) record.marks.emplace_back(now, record.latest);
  while (record.marks.size() > 1 && record.marks[1].first <= now - kWindow) {
    record.marks.pop_front();
  }
}

Span Recorder::Last(std::chrono::seconds time) const {
  // A look is often a little early or late.
  const double enough = std::chrono::duration<double>(time).count() - 0.5;
  Span total;
  for (auto point = points_.rbegin(); point != points_.rend() && total.seconds < enough; ++point) {
    total.seconds += point->since_last.seconds;
    total.figures += point->since_last.figures;
    total.cpu_seconds += point->since_last.cpu_seconds;
    total.unknown_layer_requests += point->since_last.unknown_layer_requests;
  }
  return total;
}

Span Recorder::Layer(std::string_view layer) const {
  const auto found = layers_.find(layer);
  if (found == layers_.end()) return {};
  const auto& [begin, before] = found->second.marks.front();
  Span span{.seconds = std::chrono::duration<double>(last_ - begin).count(),
            .figures = *found->second.latest};
  span.figures -= *before;
  return span;
}

}  // namespace convoy::status
