// What happened in the last minutes.
#ifndef CONVOY_SERVER_STATUS_RECORDER_H_
#define CONVOY_SERVER_STATUS_RECORDER_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/metrics/metrics.h"
#include "server/status/figures.h"

namespace convoy::status {

// What the server itself said at one moment, as /metrics has it.
struct Gauges {
  double queue_requests = 0;
  double queue_seconds = 0;
  double connections = 0;
  double cpu_seconds = 0;  // since the process started
  double resident_bytes = 0;
};

// What came in some time.
struct Span {
  double seconds = 0;  // how long that was
  Figures figures;
  uint64_t unknown_layer_requests = 0;  // in figures.requests too
  double cpu_seconds = 0;               // of the process; 0 in a layer's

  double PerSecond(double count) const { return seconds > 0 ? count / seconds : 0; }
};

// One moment of the history, and what came since the one before.
struct Point {
  std::chrono::system_clock::time_point time;
  Span since_last;
  Gauges gauges;
};

// Looks at the metrics once a second and keeps what a person asks for who comes too
// late: a point a second of all layers together for two minutes, and the last minute
// of each layer. Bounded whatever happens: a quarter of a megabyte, and for a layer that was
// called in the last minute some 12 KB. A layer that is not called costs neither memory nor more
// time than to see that.
//
// Not thread-safe.
class Recorder {
 public:
  static constexpr size_t kPoints = 120;
  // What Layer tells of: the last minute, and up to kMark more.
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::chrono::seconds kMark{10};

  using Clock = std::chrono::steady_clock;
  struct Moment {
    Clock::time_point steady;
    std::chrono::system_clock::time_point wall;
  };

  // `metrics` outlives it.
  explicit Recorder(const metrics::Metrics& metrics) : metrics_(metrics) {}

  // Looks. The first time only remembers; each other time adds a point.
  void Look(Moment now);

  // Oldest first.
  const std::deque<Point>& points() const { return points_; }
  // Of all layers, in the last points that together took `time`, or all points if less.
  Span Last(std::chrono::seconds time) const;
  // Of one layer, in the last minute; nothing of one that is not there.
  Span Layer(std::string_view layer) const;

 private:
  struct Record {
    std::weak_ptr<const metrics::LayerInstruments> instruments;
    uint64_t activity = 0;
    bool quiet = false;  // at the last look already
    int64_t seen = 0;    // by which look
    std::shared_ptr<const Figures> latest;
    // What `latest` was, every kMark; the first is where the window begins.
    std::deque<std::pair<Clock::time_point, std::shared_ptr<const Figures>>> marks;
  };

  // What came to the layer since the last look.
  Figures LookAt(Record& record, const std::shared_ptr<const metrics::LayerInstruments>& layer,
                 Clock::time_point now) const;
  static void Mark(Record& record, Clock::time_point now);
  Span LookAtLayers(Clock::time_point now);

  const metrics::Metrics& metrics_;
  int64_t looks_ = 0;
  Clock::time_point last_;
  double last_cpu_seconds_ = 0;
  std::array<uint64_t, metrics::kStatusCodes> unknown_{};
  std::map<std::string, Record, std::less<>> layers_;
  std::deque<Point> points_;
};

}  // namespace convoy::status

#endif  // CONVOY_SERVER_STATUS_RECORDER_H_
