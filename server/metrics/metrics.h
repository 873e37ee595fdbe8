// Everything Convoy tells Prometheus. The only class that knows prometheus-cpp.
#ifndef CONVOY_SERVER_METRICS_METRICS_H_
#define CONVOY_SERVER_METRICS_METRICS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace convoy::metrics {

// The instruments of one layer. Thread-safe; lives as long as its Metrics.
class LayerMetrics {
 public:
  virtual ~LayerMetrics() = default;

  // One ModelInfer call ended: its status, its time inside the server, the
  // payload bytes it brought and the bytes it took away.
  virtual void OnRequest(absl::StatusCode code, std::chrono::nanoseconds latency,
                         int64_t input_bytes, int64_t output_bytes) = 0;

  // One batch was executed: requests and sequences in it, and its time.
  virtual void OnBatch(int64_t requests, int64_t sequences,
                       std::chrono::nanoseconds execution) = 0;
};

// Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The instruments of `layer`; the same object for the same name. Call it for
  // layers of the repository only: names that callers invent never become
  // label values.
  LayerMetrics& ForLayer(std::string_view layer);

  // A ModelInfer call that named no known layer, or could not be read at all.
  void OnUnknownLayer(absl::StatusCode code);

  // A gauge without labels whose value is asked for at every scrape.
  // REQUIRES: `name` is new and starts with "convoy_"; `value` is thread-safe
  // and outlives this object's use.
  void AddGauge(std::string_view name, std::string_view help, std::function<double()> value);

  // Prometheus text exposition format 0.0.4.
  std::string Serialize() const;

 private:
  class State;
  const std::unique_ptr<State> state_;
};

}  // namespace convoy::metrics

#endif  // CONVOY_SERVER_METRICS_METRICS_H_
