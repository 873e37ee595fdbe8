// The end of a thread that waits for something to do.
#ifndef CONVOY_KERNEL_BASE_STOP_AND_JOIN_H_
#define CONVOY_KERNEL_BASE_STOP_AND_JOIN_H_

#include <thread>

#include "kernel/base/mutex.h"

namespace convoy {

// Asks `thread` to stop and waits for its end; nothing if it does not run. It waits on
// `changed` under `mutex`, unless a stop was requested when it looks.
inline void StopAndJoin(std::jthread& thread, Mutex& mutex, CondVar& changed) {
  if (!thread.joinable()) return;
  {
    // Not between its look and its wait, when it would miss the notification.
    MutexLock lock(mutex);
    thread.request_stop();
  }
  changed.NotifyAll();
  thread.join();
}

}  // namespace convoy

#endif  // CONVOY_KERNEL_BASE_STOP_AND_JOIN_H_
