// The calls of one completion queue that are not ModelInfer.
#ifndef CONVOY_SERVER_RPC_TABLE_CALL_POOL_H_
#define CONVOY_SERVER_RPC_TABLE_CALL_POOL_H_

#include <atomic>

#include "absl/container/flat_hash_set.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/async_generic_service.h"
#include "server/rpc/doorbell.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/method_table.h"
#include "server/rpc/queue_event.h"
#include "server/rpc/table_call.h"

namespace convoy::rpc {

// Keeps some calls posted, so that gRPC finds one when a caller comes, and knows
// those that have begun, so that all end with the server.
//
// Threads: Start before the poller runs; End from any one thread; the rest from
// the poller. Owns the calls that have begun; posted ones are gRPC's.
class TableCallPool final : private QueueEvent {
 public:
  TableCallPool(grpc::AsyncGenericService& service, const MethodTable& table,
                grpc::ServerCompletionQueue& queue, LiveCalls& live_calls);
  TableCallPool(const TableCallPool&) = delete;
  TableCallPool& operator=(const TableCallPool&) = delete;

  // Takes callers from here on.
  void Start();

  // Tells all calls that the server shuts down, also those that begin later.
  void End();

  const MethodTable& table() const { return table_; }
  bool ending() const { return ending_.load(std::memory_order_acquire); }

  // `call` has got a caller; another one is posted in its place.
  void OnBegun(TableCall* call);
  // `call` is done, or will never begin. Deletes it.
  void Remove(TableCall* call);

 private:
  bool OnEvent(bool ok) override;
  void PostNext();

  grpc::AsyncGenericService& service_;
  const MethodTable& table_;
  grpc::ServerCompletionQueue& queue_;
  LiveCalls& live_calls_;
  Doorbell doorbell_;
  std::atomic<bool> ending_{false};

  // Of the poller.
  absl::flat_hash_set<TableCall*> begun_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_TABLE_CALL_POOL_H_
