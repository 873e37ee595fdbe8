// One call of a method that answers one message with one message.
#ifndef CONVOY_SERVER_RPC_UNARY_CALL_H_
#define CONVOY_SERVER_RPC_UNARY_CALL_H_

#include <functional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/call_handler.h"
#include "server/rpc/table_call.h"

namespace convoy::rpc {

// Ends a call, exactly once: at the latest, with INTERNAL, when it is destroyed.
// For one thread at a time, whichever it is.
class BytesReply {
 public:
  explicit BytesReply(TableCall& call) : call_(&call) {}
  ~BytesReply();
  BytesReply(BytesReply&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
  BytesReply& operator=(BytesReply&&) = delete;

  // REQUIRES: neither was called before.
  void Succeed(const grpc::ByteBuffer& message) {
    std::exchange(call_, nullptr)->WriteAndFinish(message);
  }
  void Fail(const absl::Status& status) { std::exchange(call_, nullptr)->Finish(status); }

  // See TableCall.
  absl::Status CheckLayer(std::string_view layer) const { return call_->CheckLayer(layer); }

  // Nobody will see the answer.
  // REQUIRES: the call was not replied to.
  bool caller_gone() const { return call_->caller_gone(); }

 private:
  TableCall* call_;  // null when it was replied to
};

// Gives the one message to its method and then belongs to whoever has the reply.
class UnaryCall final : public CallHandler {
 public:
  using Method = std::function<void(const grpc::ByteBuffer& message, BytesReply reply)>;

  // `method` must outlive the call.
  UnaryCall(TableCall& call, const Method& method) : call_(call), method_(method) {}

  void OnMessage(const grpc::ByteBuffer& message) override { method_(message, BytesReply(call_)); }
  void OnNoMessage() override;

 private:
  TableCall& call_;
  const Method& method_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_UNARY_CALL_H_
