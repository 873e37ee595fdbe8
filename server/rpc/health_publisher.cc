#include "server/rpc/health_publisher.h"

#include <vector>

namespace convoy::rpc {

HealthPublisher::HealthPublisher(HealthService& service, registry::Registry& registry,
                                 grpc::ServerCompletionQueue& queue, LiveCalls& live_calls)
    : service_(service),
      registry_(registry),
      queue_(queue),
      live_calls_(live_calls),
      doorbell_(std::make_shared<Doorbell>(queue, static_cast<QueueEvent&>(*this))) {}

void HealthPublisher::Start() {
  PostNext();
  listener_ = registry_.AddListener([doorbell = doorbell_] { doorbell->Ring(); });
}

void HealthPublisher::End() {
  ending_.store(true, std::memory_order_release);
  doorbell_->Ring();
}

void HealthPublisher::Close() {
  registry_.RemoveListener(listener_);
  doorbell_->Close();
}

bool HealthPublisher::OnEvent(bool /*ok*/) {
  // Before looking at the registry: a change from now on rings again.
  doorbell_->Answer();
  const bool ending = ending_.load(std::memory_order_acquire);
  // A stream that is over leaves the set while it is told.
  const std::vector<HealthWatch*> watches(watches_.begin(), watches_.end());
  for (HealthWatch* watch : watches) ending ? watch->End() : watch->Publish();
  return false;
}

void HealthPublisher::PostNext() {
  live_calls_.Add();
  // Belongs to gRPC until OnBegun or Remove.
  std::make_unique<HealthWatch>(service_, *this).release()->Post(queue_);
}

void HealthPublisher::OnBegun(HealthWatch* watch) {
  watches_.insert(watch);
  PostNext();
  ending_.load(std::memory_order_acquire) ? watch->End() : watch->Publish();
}

void HealthPublisher::Remove(HealthWatch* watch) {
  watches_.erase(watch);
  std::unique_ptr<HealthWatch> owned(watch);
  live_calls_.Remove();
}

}  // namespace convoy::rpc
