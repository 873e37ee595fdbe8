#include "server/base/repeater.h"

#include <utility>

#include "kernel/base/stop_and_join.h"
#include "kernel/base/thread.h"

namespace convoy {

void Repeater::Start(const std::string& name, std::chrono::nanoseconds pause,
                     std::function<void()> action) {
  thread_ =
      std::jthread([this, name, pause, action = std::move(action)](const std::stop_token& stop) {
        SetThreadName(name);
        while (true) {
          action();
          const auto next = std::chrono::steady_clock::now() + pause;
          MutexLock lock(mutex_);
          while (!stop.stop_requested() && std::chrono::steady_clock::now() < next) {
            changed_.WaitFor(mutex_, next - std::chrono::steady_clock::now());
          }
          if (stop.stop_requested()) return;
        }
      });
}

void Repeater::Stop() { StopAndJoin(thread_, mutex_, changed_); }

}  // namespace convoy
