// Carries changes of the registry to the Watch streams.
#ifndef CONVOY_SERVER_RPC_HEALTH_PUBLISHER_H_
#define CONVOY_SERVER_RPC_HEALTH_PUBLISHER_H_

#include <atomic>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "grpcpp/completion_queue.h"
#include "server/registry/registry.h"
#include "server/rpc/doorbell.h"
#include "server/rpc/health_watch.h"
#include "server/rpc/live_calls.h"

namespace convoy::rpc {

// Listens to the registry and rings the poller; everything else happens on the
// poller, so the streams need no locks and the thread that changes the registry
// does no network work.
//
// Threads: Start before the poller runs; End and Close from any one thread; the
// rest from the poller. Owns the streams that have a caller.
class HealthPublisher final : private QueueEvent {
 public:
  HealthPublisher(HealthService& service, registry::Registry& registry,
                  grpc::ServerCompletionQueue& queue, LiveCalls& live_calls);
  HealthPublisher(const HealthPublisher&) = delete;
  HealthPublisher& operator=(const HealthPublisher&) = delete;

  // Takes callers from here on.
  void Start();

  // Ends all streams, also those that begin later.
  void End();

  // Stops listening. After it nothing new starts on the queue.
  // REQUIRES: End was called and no stream is live.
  void Close();

  // `watch` has got a caller; another one is posted in its place.
  void OnBegun(HealthWatch* watch);
  // `watch` is over, or will never begin. Deletes it.
  void Remove(HealthWatch* watch);

 private:
  bool OnEvent(bool ok) override;
  void PostNext();

  HealthService& service_;
  registry::Registry& registry_;
  grpc::ServerCompletionQueue& queue_;
  LiveCalls& live_calls_;
  // Shared with the registry's listener, which may outlive this object.
  const std::shared_ptr<Doorbell> doorbell_;
  int listener_ = 0;

  std::atomic<bool> ending_{false};

  // Of the poller.
  absl::flat_hash_set<HealthWatch*> watches_;  // those with a caller
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_HEALTH_PUBLISHER_H_
