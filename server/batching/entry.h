// A place in the queue.
#ifndef CONVOY_SERVER_BATCHING_ENTRY_H_
#define CONVOY_SERVER_BATCHING_ENTRY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace convoy::batching {

class LayerQueue;
class Task;
class Tenant;

using Clock = std::chrono::steady_clock;

// Levels of priority, 0 is the most urgent.
inline constexpr int kPriorityLevels = 4;
inline constexpr int kDefaultPriority = 1;

// What computing a part of a task takes.
struct PartCost {
  double seconds = 0;        // estimated execution time
  int64_t bytes = 0;         // of payload that it reads
  int64_t answer_bytes = 0;  // that it writes
  int64_t run_bytes = 0;     // of memory, the answer included, that it needs meanwhile
};

// What a task was computed with.
struct BatchFacts {
  int64_t parts = 0;   // in the batch of its last part, this one included
  int64_t frames = 0;  // output frames of these
};

// What the scheduler notes of one task, which is computed in one part or more. It
// lies in its task, so that queuing allocates nothing.
struct Entry {
  // Filled before it is queued.
  Task* task = nullptr;
  Clock::time_point arrived;
  Clock::time_point deadline = Clock::time_point::max();
  int priority = kDefaultPriority;
  Tenant* tenant = nullptr;  // whose it is; null is one of its own
  int64_t bytes = 0;         // of the payload, each once
  int64_t answer_bytes = 0;
  int64_t run_bytes = 0;             // of the part that needs most
  double seconds = 0;                // of the parts together
  absl::Span<const PartCost> parts;  // in the order in which they are taken; at least one

  // The queue's, from here to the end.
  LayerQueue* queue = nullptr;  // null when no part waits
  size_t next_part = 0;         // the first that was not taken
  double waiting_seconds = 0;   // of the parts from it on
  int running_parts = 0;        // taken and not yet finished
  absl::Status failure;         // why it is not computed, or not to its end
  // When a part of it runs, since when; how long at least one did before, and until when.
  Clock::time_point running_since;
  Clock::duration ran{0};
  Clock::time_point ran_until;
  BatchFacts batch;  // when it is done, if it was begun

  // The level at which it waits: its priority, or a more urgent one (LayerQueue).
  int level = 0;
  // Among the tasks of the level: how long they had been passed over when it came or
  // was served last, and who was so just before and after it (PassedOver).
  Clock::duration passed_before{0};
  Entry* ahead = nullptr;
  Entry* behind = nullptr;

  // Its turn among the tasks of its layer and level (TurnOrder).
  double received = 0;
  double turn = 0;
  uint64_t number = 0;
  size_t place = 0;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_ENTRY_H_
