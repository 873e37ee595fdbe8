// What is told of an executed batch.
#ifndef CONVOY_SERVER_BATCHING_BATCH_REPORT_H_
#define CONVOY_SERVER_BATCHING_BATCH_REPORT_H_

#include <chrono>
#include <cstdint>

namespace convoy::batching {

// What the engine had to do for a batch.
struct RunCounts {
  // Parts by the way they ran (engine::RunPath).
  int64_t packed = 0;
  int64_t chunked = 0;
  int64_t direct = 0;
  int64_t wanted_frames = 0;  // output frames that the parts asked for
  int64_t wasted_frames = 0;  // computed beside those, of packed parts
  // Of both, each frame as the layer's config states it.
  int64_t multiply_accumulates = 0;
};

// A request that was cut into parts counts where its last one ended.
struct BatchReport {
  int64_t parts = 0;      // in the batch; a request that was not cut is one
  int64_t requests = 0;   // of which all is computed now
  int64_t sequences = 0;  // of these requests
  RunCounts run;
  std::chrono::nanoseconds duration{0};
  // The times for which at least one part of each of these requests was executed.
  std::chrono::nanoseconds request_durations{0};
  std::chrono::nanoseconds longest_request{0};  // of these times
};

// What waits of one layer at a moment.
struct LayerBacklog {
  int64_t requests = 0;
  int64_t bytes = 0;   // of their tensors
  double seconds = 0;  // estimated execution time of what waits of them
};

// Told about every executed batch, on the thread that executed it, before its
// requests are answered. Thread-safe, must not block.
class BatchObserver {
 public:
  virtual ~BatchObserver() = default;
  virtual void OnBatch(const BatchReport& report) = 0;
  // Where something waits, when somebody asks (Scheduler::TellBacklogs).
  virtual void OnBacklog(const LayerBacklog& /*backlog*/) {}
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_BATCH_REPORT_H_
