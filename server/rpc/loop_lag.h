// How long events wait for the pollers.
#ifndef CONVOY_SERVER_RPC_LOOP_LAG_H_
#define CONVOY_SERVER_RPC_LOOP_LAG_H_

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "grpcpp/completion_queue.h"
#include "kernel/base/mutex.h"
#include "server/metrics/sharded_histogram.h"
#include "server/rpc/doorbell.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {

// Rings every queue twice a second and measures when its poller answers: what a caller
// of an idle layer waits at least. A poller that does not answer is not rung again, so it
// counts once, with all of its time.
//
// Threads: Add, then Start, then Close, from one thread; nanoseconds from any. Owns its
// thread. Must outlive the queues' pollers: their last events refer to it.
class LoopLag {
 public:
  LoopLag();
  ~LoopLag() { Close(); }
  LoopLag(const LoopLag&) = delete;
  LoopLag& operator=(const LoopLag&) = delete;

  void Add(grpc::CompletionQueue& queue);
  void Start();
  // Nothing new starts on the queues from here on. Idempotent.
  void Close();

  const metrics::ShardedHistogram& nanoseconds() const { return nanoseconds_; }

 private:
  using Clock = std::chrono::steady_clock;

  class Bell final : private QueueEvent {
   public:
    Bell(grpc::CompletionQueue& queue, metrics::ShardedHistogram& nanoseconds)
        : nanoseconds_(nanoseconds), doorbell_(queue, static_cast<QueueEvent&>(*this)) {}

    void Ring();
    void Close() { doorbell_.Close(); }

   private:
    bool OnEvent(bool ok) override;

    metrics::ShardedHistogram& nanoseconds_;
    Doorbell doorbell_;
    // While the poller owes an answer; then the other is the ringing thread's again.
    std::atomic<bool> rung_{false};
    Clock::time_point since_;
  };

  void Run();

  metrics::ShardedHistogram nanoseconds_;
  std::vector<std::unique_ptr<Bell>> bells_;

  Mutex mutex_;
  CondVar closing_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LOOP_LAG_H_
