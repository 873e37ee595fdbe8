// The ModelInfer calls of one completion queue.
#ifndef CONVOY_SERVER_RPC_INFER_CALL_POOL_H_
#define CONVOY_SERVER_RPC_INFER_CALL_POOL_H_

#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "grpcpp/completion_queue.h"
#include "server/rpc/doorbell.h"
#include "server/rpc/infer_call.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {

// Keeps a number of calls posted at all times, so that gRPC always finds one
// when a request comes, and keeps finished ones to be used again.
//
// When answers that callers do not read take most of the memory that they may, calls
// whose answer has waited for a second are given up: whoever stops reading would
// have everybody else refused.
//
// Used by the queue's poller only, except for the constructor, GiveUpUnread and Close.
// Owns idle calls; a posted or running one belongs to itself until it comes back. Destroy
// it when none is out: LiveCalls counts them.
class InferCallPool final : private QueueEvent {
 public:
  InferCallPool(const InferEnvironment& environment, grpc::ServerCompletionQueue& queue,
                LiveCalls& live_calls);
  InferCallPool(const InferCallPool&) = delete;
  InferCallPool& operator=(const InferCallPool&) = delete;

  // Posts the first calls.
  void Start();

  // Posts one call; every call that begins is replaced so.
  void Post();

  // A call is over, or was never begun. May delete it.
  void TakeBack(InferCall* call);

  // Has the poller give up such calls, if answers take so much. From any thread.
  void GiveUpUnread();

  // Nothing new starts on the queue from here on.
  void Close() { doorbell_.Close(); }

 private:
  bool OnEvent(bool ok) override;

  const InferEnvironment environment_;
  grpc::ServerCompletionQueue& queue_;
  LiveCalls& live_calls_;
  Doorbell doorbell_;
  absl::flat_hash_set<InferCall*> all_;
  std::vector<std::unique_ptr<InferCall>> idle_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFER_CALL_POOL_H_
