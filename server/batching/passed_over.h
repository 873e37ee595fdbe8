// Who was passed over for how long.
#ifndef CONVOY_SERVER_BATCHING_PASSED_OVER_H_
#define CONVOY_SERVER_BATCHING_PASSED_OVER_H_

#include "server/batching/entry.h"

namespace convoy::batching {

// Those that wait at one level of priority, who was served longest ago first. While
// more urgent ones wait all of them are passed over, so one sum of time and what it
// was when each of them came tell how long each was.
//
// Not thread-safe. Allocates nothing: the order lies in the entries.
class PassedOver {
 public:
  // All were passed over for so long.
  void Pass(Clock::duration time) { passed_ += time; }

  // `entry` came, or was served: it goes to the end. REQUIRES: it is not in here.
  void Add(Entry& entry);
  // REQUIRES: `entry` is in here.
  void Remove(Entry& entry);

  // The first, if it was passed over for at least so long since it was added; or null.
  Entry* First(Clock::duration time) const;

 private:
  Clock::duration passed_{0};
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_PASSED_OVER_H_
