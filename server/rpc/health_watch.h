// One Watch stream of grpc.health.v1.
#ifndef CONVOY_SERVER_RPC_HEALTH_WATCH_H_
#define CONVOY_SERVER_RPC_HEALTH_WATCH_H_

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "server/rpc/health_service.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {

class HealthPublisher;

// Sends the status now and after every change, one message at a time: changes
// during a write are sent as one when it is over. Costs no thread.
//
// Used by the poller of its queue only. Owned by gRPC from Post on, and by its
// publisher as soon as a caller has come.
class HealthWatch {
 public:
  HealthWatch(HealthService& service, HealthPublisher& publisher);
  HealthWatch(const HealthWatch&) = delete;
  HealthWatch& operator=(const HealthWatch&) = delete;

  // Offers itself to gRPC for the next caller.
  void Post(grpc::ServerCompletionQueue& queue);

  // Sends the status if it is not the one sent last.
  void Publish();

  // Ends the stream with UNAVAILABLE: the caller should watch another server.
  void End();

 private:
  // A tag of its own for each kind of event.
  template <void (HealthWatch::*kHandler)(bool)>
  class Tag final : public QueueEvent {
   public:
    explicit Tag(HealthWatch& watch) : watch_(watch) {}
    bool OnEvent(bool ok) override {
      (watch_.*kHandler)(ok);
      return false;
    }

   private:
    HealthWatch& watch_;
  };

  void OnBegun(bool ok);
  void OnSent(bool ok);  // a message, or the final status
  void OnDone(bool ok);  // the call is over, whoever ended it

  // Starts what is due, if nothing is under way; the last act deletes this.
  void Advance();

  HealthService& service_;
  HealthPublisher& publisher_;
  grpc::ServerContext context_;
  grpc::health::v1::HealthCheckRequest request_;
  grpc::ServerAsyncWriter<grpc::health::v1::HealthCheckResponse> writer_{&context_};
  Tag<&HealthWatch::OnBegun> begun_{*this};
  Tag<&HealthWatch::OnSent> sent_{*this};
  Tag<&HealthWatch::OnDone> done_{*this};

  ServingStatus last_sent_ = grpc::health::v1::HealthCheckResponse::UNKNOWN;  // never sent
  bool sending_ = false;   // a message or the final status is under way
  bool ending_ = false;    // End was called
  bool finished_ = false;  // the final status was given to gRPC
  bool over_ = false;      // gRPC has ended the call
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_HEALTH_WATCH_H_
