// Whose part is computed next, among tasks that share alike.
#ifndef CONVOY_SERVER_BATCHING_TURN_ORDER_H_
#define CONVOY_SERVER_BATCHING_TURN_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/batching/entry.h"

namespace convoy::batching {

// Each task that waits here is to receive the same share of the work that is done
// for all of them. So the next part is the one that would be finished first if all
// of them were computed at the same time, each at an equal pace: tasks of one size
// go in the order of their arrival, small ones pass between the parts of large ones,
// and no task gets more than its share by being cut finely, or less by being large.
//
// The rule is that of weighted fair queueing: a clock tells how much work each of
// those that wait should have received. Who comes starts at the clock, and a part's
// turn is at the reading at which it would be finished. While n wait, the clock goes
// on by a n-th of each part that is taken.
//
// Until a task with w seconds of work has been taken, with never more than n tasks
// here, the others receive at most n * (w + the longest part).
//
// Not thread-safe. Only Push allocates.
class TurnOrder {
 public:
  bool empty() const { return heap_.empty(); }
  // Whose turn it is. REQUIRES: !empty().
  Entry& front() const { return *heap_.front(); }
  // All that wait, in no order.
  const std::vector<Entry*>& entries() const { return heap_; }

  // REQUIRES: a part of `entry` was not taken.
  void Push(Entry& entry);
  // Takes the next part of front(), which leaves after its last one.
  void TakePart();
  // REQUIRES: `entry` waits here.
  void Remove(Entry& entry);

 private:
  static bool IsBefore(const Entry& a, const Entry& b);
  void Place(Entry& entry, size_t place);
  // Restores the order around an entry whose turn has changed.
  void MoveUp(Entry& entry);
  void MoveDown(Entry& entry);

  std::vector<Entry*> heap_;  // by turn, the parent of i at (i - 1) / 2
  double clock_ = 0;
  uint64_t pushed_ = 0;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_TURN_ORDER_H_
