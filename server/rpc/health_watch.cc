#include "server/rpc/health_watch.h"

#include "server/rpc/health_publisher.h"

namespace convoy::rpc {

using grpc::health::v1::HealthCheckResponse;

HealthWatch::HealthWatch(HealthService& service, HealthPublisher& publisher)
    : service_(service), publisher_(publisher) {}

void HealthWatch::Post(grpc::ServerCompletionQueue& queue) {
  context_.AsyncNotifyWhenDone(static_cast<QueueEvent*>(&done_));
  service_.RequestWatch(&context_, &request_, &writer_, &queue, &queue,
                        static_cast<QueueEvent*>(&begun_));
}

void HealthWatch::Publish() { Advance(); }

void HealthWatch::End() {
  ending_ = true;
  Advance();
}

void HealthWatch::OnBegun(bool ok) {
  if (!ok) {
    // The server shuts down; no caller came, and gRPC will not send done_.
    publisher_.Remove(this);
    return;
  }
  publisher_.OnBegun(this);
}

void HealthWatch::OnSent(bool /*ok: a broken call is over, and done_ says so*/) {
  sending_ = false;
  Advance();
}

void HealthWatch::OnDone(bool) {
  over_ = true;
  Advance();
}

void HealthWatch::Advance() {
  if (sending_) return;
  if (over_) {
    publisher_.Remove(this);
    return;
  }
  if (finished_) return;
  if (ending_) {
    finished_ = sending_ = true;
    writer_.Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down"),
                   static_cast<QueueEvent*>(&sent_));
    return;
  }
  const ServingStatus status = service_.StatusOf(request_.service());
  if (status == last_sent_) return;
  last_sent_ = status;
  sending_ = true;
  HealthCheckResponse message;
  message.set_status(status);
  writer_.Write(message, static_cast<QueueEvent*>(&sent_));
}

}  // namespace convoy::rpc
