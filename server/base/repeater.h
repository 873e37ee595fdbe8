// A thread that does something again and again.
#ifndef CONVOY_SERVER_BASE_REPEATER_H_
#define CONVOY_SERVER_BASE_REPEATER_H_

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "kernel/base/mutex.h"

namespace convoy {

// Start and Stop are for one thread. Owns its thread.
class Repeater {
 public:
  Repeater() = default;
  ~Repeater() { Stop(); }
  Repeater(const Repeater&) = delete;
  Repeater& operator=(const Repeater&) = delete;

  // Calls `action` on a thread of that name, with so long a pause after each time.
  // REQUIRES: not started before.
  void Start(const std::string& name, std::chrono::nanoseconds pause, std::function<void()> action);

  // Joins the thread; what it does is done to its end. Idempotent.
  void Stop();

 private:
  Mutex mutex_;
  CondVar changed_;
  std::jthread thread_;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_REPEATER_H_
