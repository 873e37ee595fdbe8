#include "server/rpc/health_watch.h"

#include <utility>

#include "absl/status/status.h"
#include "server/rpc/health_publisher.h"
#include "server/rpc/message_bytes.h"

namespace convoy::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// The name of a layer, which is at most 255 bytes, and what stands around it: it is
// kept for as long as the stream is open.
constexpr size_t kMaxRequestBytes = 512;

}  // namespace

HealthWatch::~HealthWatch() { publisher_.Remove(this); }

void HealthWatch::OnMessage(const grpc::ByteBuffer& message) {
  HealthCheckRequest request;
  const absl::Status parsed = ParseMessage(message, kMaxRequestBytes, request);
  if (!parsed.ok()) return call_.Finish(parsed);
  service_ = std::move(*request.mutable_service());
  publisher_.Add(this);
  Publish();
}

void HealthWatch::OnNoMessage() {
  call_.Finish(absl::InvalidArgumentError("expected one request message, got none"));
}

void HealthWatch::Publish() {
  if (!call_.kept()) return;
  const ServingStatus status = ServingStatusOf(registry_, service_);
  if (status == last_sent_) return;
  last_sent_ = status;
  HealthCheckResponse response;
  response.set_status(status);
  call_.Write(SerializeMessage(response));
}

void HealthWatch::OnWritten() { Publish(); }

void HealthWatch::OnCallerGone() { call_.Finish(absl::CancelledError("the caller has gone")); }

void HealthWatch::OnServerEnds() {
  call_.Finish(absl::UnavailableError("the server is shutting down"));
}

}  // namespace convoy::rpc
