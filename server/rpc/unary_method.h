// Methods that answer one message with one message.
#ifndef CONVOY_SERVER_RPC_UNARY_METHOD_H_
#define CONVOY_SERVER_RPC_UNARY_METHOD_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "server/base/catch_exceptions.h"
#include "server/rpc/message_bytes.h"
#include "server/rpc/method_table.h"
#include "server/rpc/unary_call.h"

namespace convoy::rpc {

// Answers one call, once, from any thread. Destroyed without an answer it ends
// the call with INTERNAL. For one thread at a time.
template <typename Response>
class UnaryReply {
 public:
  explicit UnaryReply(BytesReply reply) : reply_(std::move(reply)) {}

  // REQUIRES: not called before.
  void operator()(const absl::StatusOr<Response>& answer) {
    answer.ok() ? reply_.Succeed(SerializeMessage(*answer)) : reply_.Fail(answer.status());
  }

  // Nobody will see the answer: what is done for it may stop.
  // REQUIRES: the call was not answered.
  bool caller_gone() const { return reply_.caller_gone(); }

 private:
  BytesReply reply_;
};

// A method whose answer may come later, from another thread: because it takes
// long, or waits for something. The poller calls `method`, which must be short.
// Requests are at most `max_bytes` long.
template <typename Request, typename Response>
void AddAsyncUnary(MethodTable& table, const std::string& path,
                   std::function<void(const Request&, UnaryReply<Response>)> method,
                   size_t max_bytes = kMaxSmallRequestBytes) {
  UnaryCall::Method parsing = [method = std::move(method), max_bytes](
                                  const grpc::ByteBuffer& message, BytesReply reply) {
    Request request;
    const absl::Status parsed = ParseMessage(message, max_bytes, request);
    if (!parsed.ok()) return reply.Fail(parsed);
    // Requests with a name are about this layer.
    if constexpr (requires { std::string_view(request.name()); }) {
      const absl::Status allowed = reply.CheckLayer(request.name());
      if (!allowed.ok()) return reply.Fail(allowed);
    }
    method(request, UnaryReply<Response>(std::move(reply)));
  };
  table.Add(path, [parsing = std::move(parsing)](TableCall& call) {
    return std::make_unique<UnaryCall>(call, parsing);
  });
}

// A method that answers at once, on the poller.
template <typename Request, typename Response>
void AddUnary(MethodTable& table, const std::string& path,
              std::function<absl::StatusOr<Response>(const Request&)> method) {
  AddAsyncUnary<Request, Response>(
      table, path,
      [method = std::move(method)](const Request& request, UnaryReply<Response> reply) {
        reply(CatchExceptions([&] { return method(request); }));
      });
}

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_UNARY_METHOD_H_
