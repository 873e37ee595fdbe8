// One Watch stream of grpc.health.v1.
#ifndef CONVOY_SERVER_RPC_HEALTH_WATCH_H_
#define CONVOY_SERVER_RPC_HEALTH_WATCH_H_

#include <string>

#include "server/registry/registry.h"
#include "server/rpc/call_handler.h"
#include "server/rpc/health_methods.h"
#include "server/rpc/table_call.h"

namespace convoy::rpc {

// Sends the status now and after every change, one message at a time: changes
// during a write are sent as one when it is over. Between changes it keeps the
// call: for the publisher, which tells of changes, on the poller.
class HealthWatch final : public CallHandler {
 public:
  // Registry and publisher must outlive the stream.
  HealthWatch(TableCall& call, const registry::Registry& registry, HealthPublisher& publisher)
      : call_(call), registry_(registry), publisher_(publisher) {}
  ~HealthWatch() override;

  void OnMessage(const grpc::ByteBuffer& message) override;
  void OnNoMessage() override;
  void OnWritten() override;
  void OnCallerGone() override;
  // Ends the stream with UNAVAILABLE: the caller should watch another server.
  void OnServerEnds() override;

  // Sends the status if it is not the one sent last.
  void Publish();

 private:
  TableCall& call_;
  const registry::Registry& registry_;
  HealthPublisher& publisher_;
  std::string service_;
  ServingStatus last_sent_ = grpc::health::v1::HealthCheckResponse::UNKNOWN;  // never sent
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_HEALTH_WATCH_H_
