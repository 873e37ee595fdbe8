// What the scheduler notes of a task.
#ifndef CONVOY_SERVER_BATCHING_ENTRY_H_
#define CONVOY_SERVER_BATCHING_ENTRY_H_

#include <chrono>
#include <cstdint>

namespace convoy::batching {

class LayerQueue;
class SplitTask;
class Task;

using Clock = std::chrono::steady_clock;

// Levels of priority, 0 is the most urgent.
inline constexpr int kPriorityLevels = 4;
inline constexpr int kDefaultPriority = 1;

// One place in the queue, for a task or a part of one. It lies in its task, so that
// submitting allocates nothing.
struct Entry {
  Task* task = nullptr;  // to be called back
  Clock::time_point arrived;
  Clock::time_point deadline = Clock::time_point::max();
  int priority = kDefaultPriority;
  int64_t bytes = 0;  // of the payload
  int64_t answer_bytes = 0;
  double seconds = 0;          // estimated execution time
  SplitTask* split = nullptr;  // whose parts wait in place of this task
  Entry* whole = nullptr;      // of which this is a part, or this one itself

  // The queue's, while it waits there.
  LayerQueue* queue = nullptr;  // null when it does not wait
  int64_t queued_parts = 0;     // of a whole: how many of its parts wait, or 1 if it does
  double wall_seconds = 0;      // seconds by the layer's slowdown, when it was queued
  Entry* previous = nullptr;
  Entry* next = nullptr;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_ENTRY_H_
