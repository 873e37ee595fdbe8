#include "server/metrics/layer_families.h"

#include <cstdint>
#include <utility>

namespace convoy::metrics {
namespace {

constexpr auto kCounter = prometheus::MetricType::Counter;
constexpr auto kGauge = prometheus::MetricType::Gauge;
constexpr auto kHistogram = prometheus::MetricType::Histogram;

// The only method that is counted by layer.
constexpr char kMethod[] = "ModelInfer";

// What a served version can answer with, and what a call can that finds none: shown
// from the start, so that the first error is an increase from 0 and not a series out of
// nowhere.
bool IsExpected(absl::StatusCode code, bool of_version) {
  switch (code) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kInternal:
      return of_version;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return !of_version;
    default:
      return false;
  }
}

}  // namespace

LayerFamilies::LayerFamilies()
    : requests_(Family("convoy_requests_total", "ModelInfer calls that ended, by gRPC status.",
                       kCounter)),
      request_duration_(
          Family("convoy_request_duration_seconds",
                 "Time of a ModelInfer call inside the server, from its receipt to its answer.",
                 kHistogram)),
      stages_(Family("convoy_request_stage_seconds",
                     "Time of answered ModelInfer calls in each stage.", kHistogram)),
      execution_(
          Family("convoy_request_execution_seconds_total",
                 "Time for which at least one part of a request was executed, of requests that "
                 "were computed to the end.",
                 kCounter)),
      input_bytes_(Family("convoy_request_input_bytes_total",
                          "Tensor bytes that ModelInfer calls brought.", kCounter)),
      output_bytes_(Family("convoy_request_output_bytes_total",
                           "Tensor bytes that ModelInfer calls took away.", kCounter)),
      batch_requests_(
          Family("convoy_batch_requests",
                 "Requests that an executed batch completed; 0 where it computed only parts of "
                 "larger ones.",
                 kHistogram)),
      batch_parts_(Family(
          "convoy_batch_parts_total",
          "Parts of requests in executed batches; a request that was not cut is one.", kCounter)),
      batch_sequences_(Family("convoy_batch_sequences_total",
                              "Sequences (N of the tensors) of requests that batches completed.",
                              kCounter)),
      batch_frames_(Family("convoy_batch_frames_total",
                           "Output frames that executed batches were to compute.", kCounter)),
      wasted_frames_(Family("convoy_batch_wasted_frames_total",
                            "Output frames that were computed beside those and thrown away.",
                            kCounter)),
      batch_duration_(Family("convoy_batch_duration_seconds",
                             "Time to execute a batch, copies included.", kHistogram)),
      multiply_accumulates_(
          Family("convoy_multiply_accumulates_total",
                 "Multiplications and additions that executed batches took, those for frames that "
                 "were thrown away included.",
                 kCounter)),
      engine_parts_(Family("convoy_engine_parts_total",
                           "Parts of requests in executed batches, by the way they ran.",
                           kCounter)),
      backlog_requests_(Family("convoy_layer_queue_requests",
                               "Requests of the layer that wait for execution.", kGauge)),
      backlog_bytes_(Family("convoy_layer_queue_bytes",
                            "Tensor bytes of requests of the layer that wait.", kGauge)),
      backlog_seconds_(Family("convoy_layer_queue_seconds",
                              "Estimated execution time of what waits of the layer.", kGauge)) {}

void LayerFamilies::AddVersion(const std::string& layer, const std::string& version,
                               const VersionInstruments& instruments) {
  for (size_t i = 0; i < kStatusCodes; ++i) {
    const auto code = static_cast<absl::StatusCode>(i);
    const uint64_t count = instruments.Requests(code);
    if (count == 0 && !IsExpected(code, !version.empty())) continue;
    AppendCounter(requests_,
                  {{"layer", layer},
                   {"version", version},
                   {"method", kMethod},
                   {"code", absl::StatusCodeToString(code)}},
                  static_cast<double>(count));
  }
}

void LayerFamilies::Add(const std::string& layer, LayerInstruments& instruments) {
  const Shown labels = {{"layer", layer}};
  AppendHistogram(request_duration_, {{"layer", layer}, {"outcome", "answered"}},
                  instruments.answered_nanoseconds(), kNanosecondsPerSecond);
  AppendHistogram(request_duration_, {{"layer", layer}, {"outcome", "failed"}},
                  instruments.failed_nanoseconds(), kNanosecondsPerSecond);
  AddStages(layer, instruments);
  AppendCounter(execution_, labels,
                static_cast<double>(instruments.ExecutionNanoseconds()) / kNanosecondsPerSecond);
  AppendCounter(input_bytes_, labels, static_cast<double>(instruments.InputBytes()));
  AppendCounter(output_bytes_, labels, static_cast<double>(instruments.OutputBytes()));
  AddBatches(layer, instruments);
  AddBacklog(layer, instruments.TakeBacklog());
}

void LayerFamilies::AddBatches(const std::string& layer, const LayerInstruments& instruments) {
  const Shown labels = {{"layer", layer}};
  AppendHistogram(batch_requests_, labels, instruments.batch_requests(), 1);
  AppendCounter(batch_parts_, labels, static_cast<double>(instruments.BatchParts()));
  AppendCounter(batch_sequences_, labels, static_cast<double>(instruments.BatchSequences()));
  AppendCounter(batch_frames_, labels, static_cast<double>(instruments.BatchFrames()));
  AppendCounter(wasted_frames_, labels, static_cast<double>(instruments.WastedFrames()));
  AppendHistogram(batch_duration_, labels, instruments.batch_nanoseconds(), kNanosecondsPerSecond);
  AppendCounter(multiply_accumulates_, labels,
                static_cast<double>(instruments.MultiplyAccumulates()));
  const auto add_path = [&](const char* path, uint64_t parts) {
    AppendCounter(engine_parts_, {{"layer", layer}, {"path", path}}, static_cast<double>(parts));
  };
  add_path("packed", instruments.PackedParts());
  add_path("chunked", instruments.ChunkedParts());
  add_path("direct", instruments.DirectParts());
}

void LayerFamilies::AddBacklog(const std::string& layer, const batching::LayerBacklog& backlog) {
  const Shown labels = {{"layer", layer}};
  AppendGauge(backlog_requests_, labels, static_cast<double>(backlog.requests));
  AppendGauge(backlog_bytes_, labels, static_cast<double>(backlog.bytes));
  AppendGauge(backlog_seconds_, labels, backlog.seconds);
}

void LayerFamilies::AddStages(const std::string& layer, const LayerInstruments& instruments) {
  const auto add = [&](const char* stage, const ShardedHistogram& nanoseconds) {
    AppendHistogram(stages_, {{"layer", layer}, {"stage", stage}}, nanoseconds,
                    kNanosecondsPerSecond);
  };
  add("decode", instruments.decode_nanoseconds());
  add("queue", instruments.queue_nanoseconds());
  add("compute", instruments.compute_nanoseconds());
  add("respond", instruments.respond_nanoseconds());
}

void LayerFamilies::MoveTo(Families& families) && {
  for (prometheus::MetricFamily* family :
       {&requests_, &request_duration_, &stages_, &execution_, &input_bytes_, &output_bytes_,
        &batch_requests_, &batch_parts_, &batch_sequences_, &batch_frames_, &wasted_frames_,
        &batch_duration_, &multiply_accumulates_, &engine_parts_, &backlog_requests_,
        &backlog_bytes_, &backlog_seconds_}) {
    if (!family->metric.empty()) families.push_back(std::move(*family));
  }
}

}  // namespace convoy::metrics
