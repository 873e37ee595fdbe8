#include "server/metrics/layer_families.h"

#include <cstdint>
#include <utility>

namespace convoy::metrics {
namespace {

constexpr auto kCounter = prometheus::MetricType::Counter;
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
      batch_duration_(Family("convoy_batch_duration_seconds",
                             "Time to execute a batch, copies included.", kHistogram)) {}

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

void LayerFamilies::Add(const std::string& layer, const LayerInstruments& instruments) {
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
  AppendHistogram(batch_requests_, labels, instruments.batch_requests(), 1);
  AppendCounter(batch_parts_, labels, static_cast<double>(instruments.BatchParts()));
  AppendCounter(batch_sequences_, labels, static_cast<double>(instruments.BatchSequences()));
  AppendHistogram(batch_duration_, labels, instruments.batch_nanoseconds(), kNanosecondsPerSecond);
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
        &batch_requests_, &batch_parts_, &batch_sequences_, &batch_duration_}) {
    if (!family->metric.empty()) families.push_back(std::move(*family));
  }
}

}  // namespace convoy::metrics
