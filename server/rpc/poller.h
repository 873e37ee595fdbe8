// The thread of one completion queue.
#ifndef CONVOY_SERVER_RPC_POLLER_H_
#define CONVOY_SERVER_RPC_POLLER_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "grpcpp/completion_queue.h"
#include "server/rpc/infer_backend.h"

namespace convoy::rpc {

// Runs the events of a queue until the queue is shut down and empty. Every tag
// of the queue must be a QueueEvent.
//
// Owns its thread; the destructor joins it. The queue and the back end must
// outlive it, and the queue must be shut down first.
//
// The subtle idea: after an event that gave the back end work it asks the queue,
// without waiting, for a further one; only when there is none it runs what is
// small enough for this thread. So a single request never pays a hand-over to
// another thread, and many at once gather into one batch.
class Poller {
 public:
  // `name` is the thread's, at most 15 bytes.
  Poller(const std::string& name, grpc::CompletionQueue& queue, InferBackend& backend);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // For whoever watches over the thread: how many steps it has taken, and its
  // processor time. One step is one call of gRPC and what came of it.
  uint64_t steps() const { return steps_.load(std::memory_order_relaxed); }
  std::chrono::nanoseconds cpu() const;

 private:
  void Run(const std::string& name);
  // One event, or none and some small work. Returns false at the queue's end.
  bool Step();

  grpc::CompletionQueue& queue_;
  InferBackend& backend_;

  // Used by the thread only.
  bool work_may_wait_ = false;
  int events_since_run_ = 0;

  // Written by the thread.
  std::atomic<uint64_t> steps_{0};
  std::atomic<pid_t> id_{0};

  std::thread thread_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_POLLER_H_
