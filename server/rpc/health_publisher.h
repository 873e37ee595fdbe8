// Carries changes of the registry to the Watch streams.
#ifndef CONVOY_SERVER_RPC_HEALTH_PUBLISHER_H_
#define CONVOY_SERVER_RPC_HEALTH_PUBLISHER_H_

#include <memory>

#include "absl/container/flat_hash_set.h"
#include "grpcpp/completion_queue.h"
#include "server/registry/registry.h"
#include "server/rpc/doorbell.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {

class HealthWatch;

// Listens to the registry and rings the poller; everything else happens on the
// poller, so the streams need no locks and the thread that changes the registry
// does no network work. Each completion queue has its own.
//
// Threads: Start before the poller runs; Close from any one thread; the rest from
// the poller.
class HealthPublisher final : private QueueEvent {
 public:
  HealthPublisher(registry::Registry& registry, grpc::CompletionQueue& queue);
  HealthPublisher(const HealthPublisher&) = delete;
  HealthPublisher& operator=(const HealthPublisher&) = delete;

  // Listens from here on.
  void Start();

  // Stops listening. After it nothing new starts on the queue.
  void Close();

  // `watch` is told of changes until it is removed. Remove is idempotent.
  void Add(HealthWatch* watch) { watches_.insert(watch); }
  void Remove(HealthWatch* watch) { watches_.erase(watch); }

 private:
  bool OnEvent(bool ok) override;

  registry::Registry& registry_;
  // Shared with the registry's listener, which may outlive this object.
  const std::shared_ptr<Doorbell> doorbell_;
  int listener_ = 0;

  // Of the poller.
  absl::flat_hash_set<HealthWatch*> watches_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_HEALTH_PUBLISHER_H_
