#include "server/metrics/version_statistics.h"

#include <algorithm>

namespace convoy::metrics {
namespace {

uint64_t Count(std::chrono::nanoseconds time) {
  return static_cast<uint64_t>(std::max<int64_t>(time.count(), 0));
}

}  // namespace

void VersionStatistics::OnRequest(const RequestReport& request) {
  if (request.code == absl::StatusCode::kOk) {
    counters_.Add(kAnswered, 1);
    counters_.Add(kSequences, static_cast<uint64_t>(request.sequences));
    counters_.Add(kDecode, Count(request.stages.decode));
    counters_.Add(kQueue, Count(request.stages.queue));
    counters_.Add(kCompute, Count(request.stages.compute));
    counters_.Add(kRespond, Count(request.stages.respond));
    counters_.Set(kLast, Count(request.ended.time_since_epoch()));
  } else {
    counters_.Add(kFailed, 1);
    counters_.Add(kFailedTime, Count(request.stages.total()));
  }
  layer_->OnRequest(request);
}

void VersionStatistics::OnBatch(const batching::BatchReport& batch) {
  if (batch.requests > 0) {
    const MutexLock lock(mutex_);
    const bool known = batches_.size() < kMostSizes || batches_.contains(batch.sequences);
    BatchesOfSize& size = batches_[known ? batch.sequences : 0];
    ++size.batches;
    size.nanoseconds += Count(batch.longest_request);
  }
  layer_->OnBatch(batch);
}

VersionTotals VersionStatistics::Totals() const {
  const auto time = [this](CounterIndex index) {
    return std::chrono::nanoseconds(counters_.Total(index));
  };
  VersionTotals totals{
      .answered = counters_.Total(kAnswered),
      .sequences = counters_.Total(kSequences),
      .stages = {time(kDecode), time(kQueue), time(kCompute), time(kRespond)},
      .last_answered =
          std::chrono::steady_clock::time_point(std::chrono::nanoseconds(counters_.Largest(kLast))),
      .failed = counters_.Total(kFailed),
      .failed_time = time(kFailedTime),
  };
  const MutexLock lock(mutex_);
  totals.batches = batches_;
  return totals;
}

}  // namespace convoy::metrics
