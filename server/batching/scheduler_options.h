// What the scheduler is told when it starts.
#ifndef CONVOY_SERVER_BATCHING_SCHEDULER_OPTIONS_H_
#define CONVOY_SERVER_BATCHING_SCHEDULER_OPTIONS_H_

#include <cstdint>

namespace convoy::batching {

struct SchedulerOptions {
  // Threads that execute batches. Must be at least 1.
  int workers = 1;
  // Added to the workers' niceness, 0 to 19. Threads that receive and send go before
  // the workers without it; raise it only where nobody else wants the cores and the
  // latency of small requests beside large ones matters more than all else: a busy
  // neighbour takes nearly everything from workers that are nicer than it.
  int worker_nice = 0;
  // Payload bytes of tasks that wait or run, over all layers; more is refused.
  // A single larger task is taken when there is no other. Lower it to bound
  // memory, raise it to absorb longer bursts.
  int64_t max_queue_bytes = int64_t{512} << 20;
  // Bytes of answers, over all layers, that are to be computed or that callers have
  // not read yet; more is refused, but for a task when there are none. Lower it to
  // bound memory, raise it where many large answers are on slow connections.
  int64_t max_unread_bytes = int64_t{1} << 30;
  // Memory, over all layers, that tasks need while they run: packed copies, results,
  // answers. More is refused, for good where one task alone needs it. Lower it to bound
  // memory, raise it for layers whose activation looks at a whole long request.
  int64_t max_run_bytes = int64_t{1} << 30;
  // Estimated time that a task may have to wait for its turn; more is refused.
  // Lower it to fail early, raise it to absorb longer bursts.
  double max_queue_seconds = 10;
  // Work, in estimated seconds, that Submit leaves for RunSmall instead of waking
  // a worker, and the most that RunSmall does at once: below it a hand-over costs more processor
  // time (10 us per request with 64 in flight, 30 to 60 us with one) than the wait costs the
  // requests behind it. 0 wakes a worker for everything, for submitters that do not call RunSmall.
  double small_seconds = 200e-6;
  // Returned buffers that are kept for reuse; fresh memory costs page faults.
  int64_t max_idle_buffer_bytes = int64_t{256} << 20;
};

}  // namespace convoy::batching

#endif  // CONVOY_SERVER_BATCHING_SCHEDULER_OPTIONS_H_
