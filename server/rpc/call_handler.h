// What a method does with one of its calls.
#ifndef CONVOY_SERVER_RPC_CALL_HANDLER_H_
#define CONVOY_SERVER_RPC_CALL_HANDLER_H_

#include "grpcpp/support/byte_buffer.h"

namespace convoy::rpc {

// Made when a call begins, destroyed when it is over. Knows its TableCall, which
// asks for the first message by itself.
//
// A call has one owner at any time. From OnMessage, OnNoMessage or OnWritten to the
// operation that follows (TableCall's Read, Write, Finish or WriteAndFinish) the
// handler has it, on this thread or another one, for as long as it likes; then it
// is gRPC's. A handler keeps a call that waits for something else: for another
// thread, or for an event of the server. It must end every call, by Finish or
// WriteAndFinish, whatever became of the caller; what is begun for a caller that
// has gone comes back at once.
//
// The poller of the call's queue calls all methods. They must be short.
class CallHandler {
 public:
  virtual ~CallHandler() = default;

  // Read has brought a message.
  virtual void OnMessage(const grpc::ByteBuffer& message) = 0;
  // Read has brought none: the caller sends no more, or has gone.
  virtual void OnNoMessage() = 0;
  // Write is done, or the caller has gone.
  virtual void OnWritten() {}

  // Each comes at most once. A handler whose call is with another thread leaves it
  // to that thread.
  // While the handler has the call: the caller has gone.
  virtual void OnCallerGone() {}
  // While the handler has the call, or in Read: the server shuts down. A stream
  // that only waits ends here.
  virtual void OnServerEnds() {}
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CALL_HANDLER_H_
