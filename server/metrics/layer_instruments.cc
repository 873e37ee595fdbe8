#include "server/metrics/layer_instruments.h"

#include <algorithm>

namespace convoy::metrics {
namespace {

constexpr int64_t kMicrosecond = 1'000;
constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;

// From the decoding of a tiny request (10 us) to a call that nobody waits for.
constexpr int64_t kDurationBounds[] = {
    10 * kMicrosecond,   25 * kMicrosecond,  50 * kMicrosecond,  100 * kMicrosecond,
    250 * kMicrosecond,  500 * kMicrosecond, 1 * kMillisecond,   2500 * kMicrosecond,
    5 * kMillisecond,    10 * kMillisecond,  25 * kMillisecond,  50 * kMillisecond,
    100 * kMillisecond,  250 * kMillisecond, 500 * kMillisecond, 1 * kSecond,
    2500 * kMillisecond, 5 * kSecond,        10 * kSecond};
constexpr int64_t kBatchBounds[] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

uint64_t NotNegative(int64_t value) { return static_cast<uint64_t>(std::max<int64_t>(value, 0)); }

}  // namespace

size_t StatusCodeIndex(absl::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < kStatusCodes ? index : static_cast<size_t>(absl::StatusCode::kUnknown);
}

LayerInstruments::LayerInstruments()
    : answered_nanoseconds_(kDurationBounds),
      failed_nanoseconds_(kDurationBounds),
      decode_nanoseconds_(kDurationBounds),
      queue_nanoseconds_(kDurationBounds),
      compute_nanoseconds_(kDurationBounds),
      respond_nanoseconds_(kDurationBounds),
      batch_requests_(kBatchBounds),
      batch_nanoseconds_(kDurationBounds) {}

void LayerInstruments::OnRequest(const RequestReport& request) {
  requests_.Add(StatusCodeIndex(request.code), 1);
  totals_.Add(kInputBytes, NotNegative(request.input_bytes));
  totals_.Add(kOutputBytes, NotNegative(request.output_bytes));
  const bool answered = request.code == absl::StatusCode::kOk;
  (answered ? answered_nanoseconds_ : failed_nanoseconds_).Observe(request.stages.total().count());
  if (!answered) return;
  decode_nanoseconds_.Observe(request.stages.decode.count());
  queue_nanoseconds_.Observe(request.stages.queue.count());
  compute_nanoseconds_.Observe(request.stages.compute.count());
}

void LayerInstruments::OnSent(std::chrono::nanoseconds respond) {
  respond_nanoseconds_.Observe(respond.count());
}

uint64_t LayerInstruments::Activity() const {
  uint64_t activity = batch_requests_.CumulativeCounts().back();
  for (size_t i = 0; i < kStatusCodes; ++i) activity += requests_.Total(i);
  return activity;
}

void LayerInstruments::OnBatch(const batching::BatchReport& batch) {
  batch_requests_.Observe(batch.requests);
  totals_.Add(kExecutionNanoseconds, NotNegative(batch.request_durations.count()));
  totals_.Add(kBatchParts, NotNegative(batch.parts));
  totals_.Add(kBatchSequences, NotNegative(batch.sequences));
  batch_nanoseconds_.Observe(batch.duration.count());
  const batching::RunCounts& run = batch.run;
  totals_.Add(kBatchFrames, NotNegative(run.wanted_frames));
  totals_.Add(kMultiplyAccumulates, NotNegative(run.multiply_accumulates));
  totals_.Add(kPackedParts, NotNegative(run.packed));
  if (run.wasted_frames > 0) totals_.Add(kWastedFrames, NotNegative(run.wasted_frames));
  if (run.chunked > 0) totals_.Add(kChunkedParts, NotNegative(run.chunked));
  if (run.direct > 0) totals_.Add(kDirectParts, NotNegative(run.direct));
}

void LayerInstruments::OnBacklog(const batching::LayerBacklog& backlog) {
  backlog_requests_ += backlog.requests;
  backlog_bytes_ += backlog.bytes;
  backlog_nanoseconds_ += static_cast<int64_t>(backlog.seconds * 1e9);
}

batching::LayerBacklog LayerInstruments::TakeBacklog() {
  return {.requests = backlog_requests_.exchange(0),
          .bytes = backlog_bytes_.exchange(0),
          .seconds = static_cast<double>(backlog_nanoseconds_.exchange(0)) * 1e-9};
}

}  // namespace convoy::metrics
