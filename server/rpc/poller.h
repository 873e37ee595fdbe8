// The thread of one completion queue.
#ifndef CONVOY_SERVER_RPC_POLLER_H_
#define CONVOY_SERVER_RPC_POLLER_H_

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
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

  // For whoever watches over the thread: the number of gRPC's call that it is in, none
  // while it does what came of it, and its processor time.
  std::optional<uint64_t> call() const;
  std::chrono::nanoseconds cpu() const;

 private:
  void Run(const std::string& name);
  // One event, or none and some small work. Returns false at the queue's end.
  bool Step();
  // The next event, for which it waits unless there is something else to do.
  grpc::CompletionQueue::NextStatus Next(void** tag, bool* ok);

  grpc::CompletionQueue& queue_;
  InferBackend& backend_;

  // Used by the thread only.
  bool work_may_wait_ = false;
  int events_since_run_ = 0;

  // Written by the thread.
  std::atomic<uint64_t> passages_{0};  // into gRPC and out of it: odd inside
  std::atomic<pid_t> id_{0};

  std::thread thread_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_POLLER_H_
