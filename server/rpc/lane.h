// One completion queue and everything that lives on it.
#ifndef CONVOY_SERVER_RPC_LANE_H_
#define CONVOY_SERVER_RPC_LANE_H_

#include <array>
#include <memory>
#include <string>

#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/async_generic_service.h"
#include "server/registry/registry.h"
#include "server/rpc/health_publisher.h"
#include "server/rpc/infer_call_pool.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/method_table.h"
#include "server/rpc/poller.h"
#include "server/rpc/reader.h"
#include "server/rpc/table_call_pool.h"

namespace convoy::rpc {

// A queue, its poller, and the calls that the poller looks after: of ModelInfer,
// and of every method of a table of its own. Connections are spread over the
// lanes by gRPC; whatever a connection sends is answered on its lane, so that a
// lane reads no faster than it answers.
//
// Threads: the constructor before the server starts; then Start, End, Close, Stop
// in this order, from one thread.
class Lane {
 public:
  explicit Lane(std::unique_ptr<grpc::ServerCompletionQueue> queue) : queue_(std::move(queue)) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Takes calls: of the protocols' methods, and of those that `add_methods`, which may
  // be null, adds. Everything must outlive the lane; `name` is the poller's.
  // REQUIRES: the server has started.
  void Start(const std::string& name, const InferEnvironment& environment,
             grpc::AsyncGenericService& service, registry::Registry& registry,
             LiveCalls& live_calls, const AddMethods& add_methods);

  // Tells all streams that the server shuts down.
  void End() { table_calls_->End(); }

  // Nothing new starts on the queue from here on.
  // REQUIRES: no call is live.
  void Close();

  // Whose events it waits for.
  grpc::CompletionQueue& queue() { return *queue_; }
  // Its methods, and how often they were called. REQUIRES: started.
  const MethodTable& table() const { return table_; }

  // The poller's threads, for whoever watches over them for as long as it runs.
  std::array<Reader, Poller::kThreads> readers() const { return poller_->readers(); }

  // Looks after what others hold: the poller's threads, and answers that are not read. To
  // be called every few milliseconds while there are connections, by one thread.
  void Look();

  // Waits for the last event and joins the poller.
  void Stop() { poller_.reset(); }

 private:
  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  MethodTable table_;
  std::unique_ptr<HealthPublisher> health_publisher_;
  std::unique_ptr<InferCallPool> infer_calls_;
  std::unique_ptr<TableCallPool> table_calls_;
  std::unique_ptr<Poller> poller_;  // uses all of the above
  int looks_ = 0;                   // how often Look was called
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LANE_H_
