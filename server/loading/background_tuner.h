// Times the statements of versions that are served already.
#ifndef CONVOY_SERVER_LOADING_BACKGROUND_TUNER_H_
#define CONVOY_SERVER_LOADING_BACKGROUND_TUNER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "kernel/base/mutex.h"
#include "server/loading/layer_compiler.h"
#include "server/registry/registry.h"

namespace convoy::loading {

// One version after the other, on one thread: two that are timed at once would time
// each other.
//
// Thread-safe, but for Start and Stop. Owns its thread.
class BackgroundTuner {
 public:
  struct Hooks {
    // Whether a processor is left over: nothing is timed, and nobody disturbed, without.
    std::function<bool()> may_time;
    // Takes what was timed, in the place of the version that it was timed for.
    std::function<void(const std::shared_ptr<const registry::LiveVersion>& stale,
                       std::shared_ptr<const registry::LiveVersion> fresh)>
        replace;
    // Nothing is left to be timed.
    std::function<void()> on_idle;
  };

  BackgroundTuner(const LayerCompiler& compiler, Hooks hooks);
  // Stops.
  ~BackgroundTuner() { Stop(); }
  BackgroundTuner(const BackgroundTuner&) = delete;
  BackgroundTuner& operator=(const BackgroundTuner&) = delete;

  // Times what Add brings from now on, on a thread of this niceness.
  void Start(int niceness);
  // Waits for the measurement under way.
  void Stop();

  // Does not keep it: what has left meanwhile is not timed.
  void Add(const std::shared_ptr<const registry::LiveVersion>& live);

  // Versions that wait or are being timed.
  size_t waiting() const;

 private:
  void Run(const std::stop_token& stop);
  // Waits for the next one; nothing when stopped.
  std::optional<std::weak_ptr<const registry::LiveVersion>> Take(const std::stop_token& stop);
  void Tune(const std::shared_ptr<const registry::LiveVersion>& live, const std::stop_token& stop);
  // Waits until timing is allowed; false when stopped.
  bool WaitForProcessor(const std::stop_token& stop);

  const LayerCompiler& compiler_;
  const Hooks hooks_;

  mutable Mutex mutex_;
  CondVar changed_;  // something was added, or stop
  std::deque<std::weak_ptr<const registry::LiveVersion>> queue_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;

  std::jthread thread_;
};

}  // namespace convoy::loading

#endif  // CONVOY_SERVER_LOADING_BACKGROUND_TUNER_H_
