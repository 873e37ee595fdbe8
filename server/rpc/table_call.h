// One call of a method of the table.
#ifndef CONVOY_SERVER_RPC_TABLE_CALL_H_
#define CONVOY_SERVER_RPC_TABLE_CALL_H_

#include <atomic>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/access/caller.h"
#include "server/access/permission.h"
#include "server/rpc/call_handler.h"
#include "server/rpc/method_table.h"
#include "server/rpc/queue_event.h"

namespace convoy::rpc {

class TableCallPool;

// A state machine: posted (gRPC will fill it with the next call) -> read, write,
// in the order that its handler wants -> finishing -> deleted by its pool. A call
// that has begun ends with two events, in any order: its status is sent, and it is
// over, which comes early when the caller has gone. Costs no thread.
//
// Threads: operations are for the call's owner (CallHandler), one at a time, from
// any thread; the rest happens on the poller. Nothing may touch the call after
// Finish or WriteAndFinish: it may be gone when they return.
class TableCall final {
 public:
  explicit TableCall(TableCallPool& pool) : pool_(pool) {}
  TableCall(const TableCall&) = delete;
  TableCall& operator=(const TableCall&) = delete;

  // Offers itself to gRPC for the next call.
  void Post(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue);

  // Leads to OnMessage or OnNoMessage.
  void Read();
  // Leads to OnWritten.
  void Write(const grpc::ByteBuffer& message);
  // Ends the call. A Read that is under way is given up without a call-back.
  void Finish(const absl::Status& status);
  // The same with a last message and OK.
  void WriteAndFinish(const grpc::ByteBuffer& message);

  // The handler has the call: no operation is under way.
  bool kept() const { return state_.load(std::memory_order_relaxed) == State::kKept; }

  // The caller has gone; nobody will see an answer.
  bool caller_gone() const { return caller_gone_.load(std::memory_order_relaxed); }

  // Whether the caller may have what the call is about.
  //   PERMISSION_DENIED  it is not to know about this layer.
  absl::Status CheckLayer(std::string_view layer) const {
    return caller_.CheckLayer(permission_, layer);
  }

  // The server shuts down: the handler is told when it may end the call.
  // REQUIRES: the call has begun; on the poller.
  void EndWithServer() { Tell(); }

 private:
  enum class State { kKept, kReading, kWriting, kFinishing };

  // The handler, if the caller may call the method.
  absl::StatusOr<std::unique_ptr<CallHandler>> MakeHandler();

  void OnBegun(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  void OnOver(bool ok);

  void SetState(State state) { state_.store(state, std::memory_order_relaxed); }
  // Tells the handler, once, what it does not know yet and may act upon.
  void Tell();
  void DeleteIfDone();

  TableCallPool& pool_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  MemberEvent<TableCall, &TableCall::OnBegun> begun_event_{*this};
  MemberEvent<TableCall, &TableCall::OnRead> read_event_{*this};
  MemberEvent<TableCall, &TableCall::OnWritten> written_event_{*this};
  MemberEvent<TableCall, &TableCall::OnFinished> finished_event_{*this};
  MemberEvent<TableCall, &TableCall::OnOver> over_event_{*this};
  std::atomic<bool> caller_gone_{false};

  // Of the owner; the poller also looks.
  std::atomic<State> state_{State::kKept};
  grpc::ByteBuffer message_;

  // Set when the call begins.
  access::Permission permission_ = access::Permission::kOpen;
  access::Caller caller_;

  // Of the poller.
  std::unique_ptr<CallHandler> handler_;   // null for a method that is not served
  MethodTable::Counts* counts_ = nullptr;  // of the method, once it has begun
  bool read_given_up_ = false;             // its event is still to come
  bool told_caller_gone_ = false;
  bool told_server_ends_ = false;
  bool finished_ = false;  // the status is sent, or nobody wants it
  bool over_ = false;      // gRPC has ended the call
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_TABLE_CALL_H_
