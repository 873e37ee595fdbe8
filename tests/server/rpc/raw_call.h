// One call of any method, as bytes.
#ifndef CONVOY_TESTS_SERVER_RPC_RAW_CALL_H_
#define CONVOY_TESTS_SERVER_RPC_RAW_CALL_H_

#include <memory>
#include <optional>
#include <string>

#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/server/rpc/byte_buffers.h"

namespace convoy::rpc {

// Every operation waits for its end.
class RawCall {
 public:
  RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& path) : stub_(channel) {
    call_ = stub_.PrepareCall(&context_, path, &queue_);
    call_->StartCall(nullptr);
    Wait();
  }

  ~RawCall() {
    context_.TryCancel();
    if (!finished_) Finish();
    queue_.Shutdown();
    Wait();
  }

  RawCall& Send(const std::string& message) {
    call_->Write(MakeByteBuffer(message), nullptr);
    Wait();
    return *this;
  }

  RawCall& SendNoMore() {
    call_->WritesDone(nullptr);
    Wait();
    return *this;
  }

  // Nothing at the end of the messages.
  std::optional<std::string> Receive() {
    grpc::ByteBuffer message;
    call_->Read(&message, nullptr);
    if (!Wait()) return std::nullopt;
    return TextOf(message);
  }

  // Gives up what was not received.
  grpc::Status Finish() {
    grpc::Status status;
    call_->Finish(&status, nullptr);
    Wait();
    finished_ = true;
    return status;
  }

  // Of the call's end; empty when it is not there.
  // REQUIRES: Finish was called.
  std::string Trailer(const std::string& key) const {
    const auto found = context_.GetServerTrailingMetadata().find(key);
    if (found == context_.GetServerTrailingMetadata().end()) return "";
    return {found->second.data(), found->second.size()};
  }

  void Cancel() { context_.TryCancel(); }

 private:
  bool Wait() {
    void* tag;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  bool finished_ = false;
};

}  // namespace convoy::rpc

#endif  // CONVOY_TESTS_SERVER_RPC_RAW_CALL_H_
