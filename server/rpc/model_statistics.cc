#include "server/rpc/model_statistics.h"

#include <chrono>

#include "kernel/base/status_macros.h"
#include "server/metrics/version_statistics.h"

namespace convoy::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

void Set(uint64_t count, nanoseconds time, inference::StatisticDuration& duration) {
  duration.set_count(count);
  duration.set_ns(static_cast<uint64_t>(time.count()));
}

// In milliseconds since 1970.
uint64_t UnixTime(std::chrono::steady_clock::time_point time) {
  const auto age = std::chrono::steady_clock::now() - time;
  const auto since = (std::chrono::system_clock::now() - age).time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<milliseconds>(since).count());
}

void FillTotals(const metrics::VersionTotals& totals, inference::ModelStatistics& model) {
  if (totals.answered > 0) model.set_last_inference(UnixTime(totals.last_answered));
  model.set_inference_count(totals.sequences);
  inference::InferStatistics& stats = *model.mutable_inference_stats();
  const metrics::Stages& stages = totals.stages;
  Set(totals.answered, stages.total(), *stats.mutable_success());
  Set(totals.failed, totals.failed_time, *stats.mutable_fail());
  Set(totals.answered, stages.queue, *stats.mutable_queue());
  Set(totals.answered, stages.decode, *stats.mutable_compute_input());
  Set(totals.answered, stages.compute, *stats.mutable_compute_infer());
  Set(totals.answered, stages.respond, *stats.mutable_compute_output());
  uint64_t batches = 0;
  for (const auto& [sequences, size] : totals.batches) {
    inference::InferBatchStatistics& batch = *model.add_batch_stats();
    batch.set_batch_size(static_cast<uint64_t>(sequences));
    Set(size.batches, nanoseconds(size.nanoseconds), *batch.mutable_compute_infer());
    batches += size.batches;
  }
  model.set_execution_count(batches);
}

void AddVersion(const registry::LiveVersion& live, inference::ModelStatisticsResponse& response) {
  inference::ModelStatistics& model = *response.add_model_stats();
  model.set_name(live.name);
  model.set_version(live.version_text);
  FillTotals(live.statistics == nullptr ? metrics::VersionTotals() : live.statistics->Totals(),
             model);
  inference::MemoryUsage& memory = *model.add_memory_usage();
  memory.set_type("CPU");
  memory.set_byte_size(static_cast<uint64_t>(live.weight_bytes()));
}

}  // namespace

absl::Status FillModelStatistics(const registry::Snapshot& snapshot, const std::string& name,
                                 const std::string& version,
                                 inference::ModelStatisticsResponse& response) {
  if (name.empty() && !version.empty()) {
    return absl::InvalidArgumentError("version: expected none without a name, got one");
  }
  if (!version.empty()) {
    CONVOY_ASSIGN_OR_RETURN(const registry::LiveVersion* live, snapshot.Find(name, version));
    AddVersion(*live, response);
    return absl::OkStatus();
  }
  if (!name.empty()) CONVOY_RETURN_IF_ERROR(snapshot.Find(name, "").status());
  for (const registry::LiveLayer& layer : snapshot.layers()) {
    if (!name.empty() && layer.name != name) continue;
    for (const auto& live : layer.versions) AddVersion(*live, response);
  }
  return absl::OkStatus();
}

}  // namespace convoy::rpc
