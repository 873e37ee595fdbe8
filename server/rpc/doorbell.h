// Calls a completion queue's poller from any other thread.
#ifndef CONVOY_SERVER_RPC_DOORBELL_H_
#define CONVOY_SERVER_RPC_DOORBELL_H_

#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "kernel/base/mutex.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {

// Rings before the poller answers become one event. Nothing can ring after
// Close, so a closed doorbell may outlive its queue: a registry listener that
// is just being removed may still hold one.
//
// Thread-safe. Destroy it when its last event has been delivered.
class Doorbell {
 public:
  Doorbell(grpc::CompletionQueue& queue, QueueEvent& event) : queue_(queue), event_(event) {}
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // The event comes at once, unless it is on its way already.
  void Ring();

  // The poller calls this first in the event; later rings come again.
  void Answer();

  void Close();

 private:
  grpc::CompletionQueue& queue_;
  QueueEvent& event_;

  // Held while the alarm is set, so that Close comes before or after it.
  Mutex mutex_;
  grpc::Alarm alarm_ ABSL_GUARDED_BY(mutex_);
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_DOORBELL_H_
