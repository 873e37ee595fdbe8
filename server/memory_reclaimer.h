// Gives memory back to the system.
#ifndef CONVOY_SERVER_MEMORY_RECLAIMER_H_
#define CONVOY_SERVER_MEMORY_RECLAIMER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "server/base/repeater.h"
#include "server/batching/scheduler.h"

namespace convoy {

// Every few seconds: frees what was not used since the last time, and has the heap
// give the pages back that it does not use. The heap's other users wait for that, some
// milliseconds for hundreds of megabytes, so it is done while nothing is computed, and
// on a server that is never idle only where much was freed, twice a minute at most.
//
// Owns its thread.
class MemoryReclaimer {
 public:
  using Released = batching::Scheduler::Released;
  struct Hooks {
    // Frees what was not used since the last call (Scheduler::ReleaseIdle).
    std::function<Released()> release;
    // Resident bytes of the process.
    std::function<int64_t()> resident;
    // Lets the heap give back its unused pages.
    std::function<void()> trim;
  };

  static constexpr std::chrono::seconds kPeriod{2};

  // Nothing happens unless Start or Look is called.
  explicit MemoryReclaimer(Hooks hooks);
  ~MemoryReclaimer() { Stop(); }
  MemoryReclaimer(const MemoryReclaimer&) = delete;
  MemoryReclaimer& operator=(const MemoryReclaimer&) = delete;

  // Looks every kPeriod from now on.
  void Start();
  void Stop();

  // What is done every kPeriod. Not beside itself.
  void Look();

 private:
  bool IsWorthTrimming(const Released& released);

  const Hooks hooks_;
  // Since the heap was trimmed.
  size_t freed_bytes_ = 0;
  int looks_ = 0;
  int64_t resident_after_ = 0;

  Repeater looking_;
};

}  // namespace convoy

#endif  // CONVOY_SERVER_MEMORY_RECLAIMER_H_
