// One ModelInfer call from the wire to the wire.
#ifndef CONVOY_SERVER_RPC_INFER_CALL_H_
#define CONVOY_SERVER_RPC_INFER_CALL_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_unary_call.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/access/gate.h"
#include "server/batching/task.h"
#include "server/metrics/metrics.h"
#include "server/registry/registry.h"
#include "server/rpc/call_log.h"
#include "server/rpc/infer_backend.h"
#include "server/rpc/infer_decoder.h"
#include "server/rpc/infer_encoder.h"
#include "server/rpc/infer_method.h"
#include "server/rpc/infer_parameters.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {

class InferCallPool;

// What all calls of a server share. Everything outlives the calls.
struct InferEnvironment {
  InferMethod& method;
  const registry::Registry& registry;
  InferBackend& backend;
  metrics::Metrics& metrics;
  CallLog& call_log;
  int64_t max_message_bytes;
  int64_t max_response_bytes;
  const access::Gate* gate = nullptr;  // null: everybody may use all layers
};

// A state machine: posted (gRPC will fill it with the next call) -> running (the
// poller checks it, the back end computes it) -> finishing (gRPC sends the
// answer) -> back to its pool, to be posted again. A call that has begun ends
// with two events, in any order: the answer is sent, and the call is over, which
// comes early when the caller has gone, even before it has begun. gRPC keeps that
// second one for itself unless it is asked for, so it costs next to nothing.
//
// Threads: the poller of its queue, except that the back end calls Succeed or
// Fail from any thread. There is exactly one owner at any time and no lock:
// gRPC while posted or finishing, the poller or the back end while running. So
// the poller touches nothing of the back end's here after a successful Submit:
// when the caller has gone it asks the back end to let go.
//
// It keeps the registry snapshot it started with until it is done.
class InferCall final : public QueueEvent, private batching::Task {
 public:
  InferCall(const InferEnvironment& environment, InferCallPool& pool);

  // Offers itself to gRPC for the next call, which comes as an event of `queue`.
  void Post(grpc::ServerCompletionQueue& queue);

  bool OnEvent(bool ok) override;

  // Ends the call if its answer has been on its way since `before` and its caller has not
  // read it. Returns whether it did. On the poller.
  bool GiveUpIfUnread(batching::Clock::time_point before);

 private:
  enum class State { kPosted, kFinishing };

  // gRPC's objects serve one call only; the rest of this object is used again.
  struct Rpc {
    Rpc() : responder(&context) {}

    grpc::ServerContext context;
    grpc::ByteBuffer request;
    grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder;
  };

  // gRPC has sent the answer, or given up.
  void OnSent(bool ok);
  void Log(const metrics::Stages& stages);
  // Its traceparent; empty unless there is exactly one.
  std::string_view Traceparent() const;
  // The call is over: answered, cancelled, past its deadline or disconnected.
  void OnCallOver(bool ok);
  // One of the events that end a call has come; after the last one it is posted
  // again or deleted.
  void CountDown();
  // Reads, checks and submits. Returns whether the back end took it.
  bool Run();
  // Takes the request apart, if its caller may use the layer.
  absl::Status Decode();
  // Counts it among its tenant's, if they are not too many.
  absl::Status EnterTenant();
  // Everything up to the point where the request may be computed.
  absl::Status Prepare();
  // Whose instruments count this call; null when no known layer was named.
  metrics::LayerMetrics* FindMetrics() const;
  void Count(absl::StatusCode code);
  // Whether Submit noted when it came, which is the end of its decoding.
  bool WasQueued() const { return entry.arrived >= started_; }
  // Where its time went, as it ends now.
  metrics::Stages StagesUntil(batching::Clock::time_point now, bool answered) const;
  // A caller that reads its answer slowly must not keep its request in memory.
  void ReleaseRequest();
  absl::StatusOr<grpc::ByteBuffer> Encode(batching::TaskOutput output);

  void Succeed(batching::TaskOutput output) override;
  void Fail(absl::Status status) override;

  const InferEnvironment& environment_;
  InferCallPool& pool_;
  InferDecoder decoder_;
  InferEncoder encoder_;
  MemberEvent<InferCall, &InferCall::OnCallOver> call_over_{*this};

  // Of the current call; these two are the poller's.
  int events_left_ = 0;
  bool submitted_ = false;

  // Since when its answer is on its way to the caller; the maximum while it is not.
  std::atomic<batching::Clock::time_point> answering_since_{batching::Clock::time_point::max()};

  State state_ = State::kPosted;
  std::optional<Rpc> rpc_;
  batching::Clock::time_point started_;  // gRPC handed it over
  absl::StatusCode code_ = absl::StatusCode::kOk;
  metrics::Stages stages_;  // until it was answered or failed
  std::string id_;          // the caller's
  std::string error_;
  std::shared_ptr<const registry::Snapshot> snapshot_;
  const registry::LiveVersion* live_version_ = nullptr;  // of the snapshot
  int64_t input_bytes_ = 0;
  bool in_tenant_ = false;  // its tenant counts it as under way
  InferParameters parameters_;
  std::array<int64_t, 3> output_shape_ = {};
  layer::DType output_dtype_ = layer::DType::kFloat32;
  int64_t output_bytes_ = 0;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFER_CALL_H_
