// What the server shows of its state.
#ifndef CONVOY_SERVER_STATUS_BOARD_H_
#define CONVOY_SERVER_STATUS_BOARD_H_

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <thread>

#include "kernel/base/mutex.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/status/recorder.h"

namespace convoy::status {

// Looks at the metrics once a second, on a thread of its own, and has the text of
// /status: made when somebody asks, at most once a second however many do.
//
// Thread-safe. Owns its thread.
class Board {
 public:
  // `registry` and `metrics` outlive it; `server` as in Sources.
  Board(const registry::Registry& registry, const metrics::Metrics& metrics,
        nlohmann::ordered_json server);
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  // Looks once a second from now on. Called at most once.
  void Start();

  // Looks now; what Start has done every second.
  void Look(Recorder::Moment now);

  // JSON, never null.
  std::shared_ptr<const std::string> Text();

 private:
  // False when it was asked to stop first.
  bool WaitUntil(Recorder::Clock::time_point time, const std::stop_token& stop);

  const registry::Registry& registry_;
  const metrics::Metrics& metrics_;
  const nlohmann::ordered_json server_;

  // Held while a text is made, so that nobody makes the same one: only page threads and
  // ours wait for it.
  Mutex mutex_;
  Recorder recorder_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const std::string> text_ ABSL_GUARDED_BY(mutex_);  // null: out of date

  Mutex stopping_;
  CondVar stopped_;
  std::jthread thread_;
};

}  // namespace convoy::status

#endif  // CONVOY_SERVER_STATUS_BOARD_H_
