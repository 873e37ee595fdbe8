// Methods that answer one message with one message, on threads of their own.
#ifndef CONVOY_SERVER_RPC_THREADED_UNARY_H_
#define CONVOY_SERVER_RPC_THREADED_UNARY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/base/catch_exceptions.h"
#include "server/rpc/call_threads.h"
#include "server/rpc/message_bytes.h"
#include "server/rpc/method_table.h"
#include "server/rpc/unary_call.h"
#include "server/rpc/unary_method.h"

namespace convoy::rpc {

// A method that may take as long as it likes: the poller only hands the call over.
// Requests, of at most `max_bytes`, are parsed there too. `threads` must outlive the
// calls. The method may change its request.
template <typename Request, typename Response>
void AddThreadedUnary(MethodTable& table, const std::string& path, CallThreads& threads,
                      std::function<absl::StatusOr<Response>(Request&)> method,
                      size_t max_bytes = kMaxSmallRequestBytes) {
  UnaryCall::Method handing = [&threads, method = std::move(method), max_bytes](
                                  const grpc::ByteBuffer& message, BytesReply reply) {
    struct Call {
      grpc::ByteBuffer message;
      BytesReply reply;
    };
    auto call = std::make_shared<Call>(Call{message, std::move(reply)});
    const absl::Status taken =
        threads.Run(static_cast<int64_t>(message.Length()), [&method, call, max_bytes] {
          // Nobody would see what is done for it.
          if (call->reply.caller_gone()) return call->reply.Fail(absl::CancelledError());
          Request request;
          absl::Status status = ParseMessage(call->message, max_bytes, request);
          call->message.Clear();
          if (!status.ok()) return call->reply.Fail(status);
          UnaryReply<Response> reply(std::move(call->reply));
          reply(CatchExceptions([&] { return method(request); }));
        });
    if (!taken.ok()) call->reply.Fail(taken);
  };
  table.Add(path, [handing = std::move(handing)](TableCall& call) {
    return std::make_unique<UnaryCall>(call, handing);
  });
}

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_THREADED_UNARY_H_
