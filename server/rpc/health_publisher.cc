#include "server/rpc/health_publisher.h"

#include "server/rpc/health_watch.h"

namespace convoy::rpc {

HealthPublisher::HealthPublisher(registry::Registry& registry, grpc::CompletionQueue& queue)
    : registry_(registry),
      doorbell_(std::make_shared<Doorbell>(queue, static_cast<QueueEvent&>(*this))) {}

void HealthPublisher::Start() {
  listener_ = registry_.AddListener([doorbell = doorbell_] { doorbell->Ring(); });
}

void HealthPublisher::Close() {
  registry_.RemoveListener(listener_);
  doorbell_->Close();
}

bool HealthPublisher::OnEvent(bool /*ok*/) {
  // Before looking at the registry: a change from now on rings again.
  doorbell_->Answer();
  // None is removed meanwhile: that takes an event of its own.
  for (HealthWatch* watch : watches_) watch->Publish();
  return false;
}

}  // namespace convoy::rpc
