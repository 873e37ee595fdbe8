// What loading tells: log lines and metrics.
#ifndef CONVOY_SERVER_LOADING_LOADING_LOG_H_
#define CONVOY_SERVER_LOADING_LOADING_LOG_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "server/loading/layer_tracker.h"
#include "server/metrics/metrics.h"
#include "server/metrics/sharded_histogram.h"
#include "server/registry/registry.h"

namespace convoy::loading {

// Thread-safe.
class LoadingLog {
 public:
  // Adds its metrics; must outlive their use.
  explicit LoadingLog(metrics::Metrics& metrics);
  LoadingLog(const LoadingLog&) = delete;
  LoadingLog& operator=(const LoadingLog&) = delete;

  // A version was read and compiled, or found to be none, in so long.
  void OnLoad(Clock::duration took) {
    nanoseconds_.Observe(std::chrono::nanoseconds(took).count());
  }
  // What a look at a layer gave.
  void OnNews(const std::string& layer, const LayerNews& news);

  // The repository itself: readable, or not and why. Logged when it changes.
  void OnRepository(const absl::Status& status);
  // Whether the system tells of all changes. Logged when it becomes false.
  void OnWatch(bool complete);

 private:
  void OnFailed(const std::string& layer, bool serves, const LayerEvent& event);
  static void OnLoaded(const std::string& layer, const LayerNews& news, int64_t version);

  std::atomic<int64_t> loaded_ = 0;
  std::atomic<int64_t> unchanged_ = 0;
  std::atomic<int64_t> failed_ = 0;
  std::atomic<int64_t> unloaded_ = 0;
  std::atomic<double> last_success_ = 0;  // Unix time in seconds
  std::atomic<bool> readable_ = true;
  std::atomic<bool> watched_ = true;
  metrics::ShardedHistogram nanoseconds_;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_LOADING_LOG_H_
