#include "server/rpc/table_call.h"

#include <utility>

#include "absl/status/statusor.h"
#include "kernel/base/status_macros.h"
#include "server/rpc/credentials.h"
#include "server/rpc/method_table.h"
#include "server/rpc/status_conversion.h"
#include "server/rpc/table_call_pool.h"

namespace convoy::rpc {

void TableCall::Post(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue) {
  context_.AsyncNotifyWhenDone(over_event_.tag());
  service.RequestCall(&context_, &stream_, &queue, &queue, begun_event_.tag());
}

void TableCall::Read() {
  SetState(State::kReading);
  stream_.Read(&message_, read_event_.tag());
}

void TableCall::Write(const grpc::ByteBuffer& message) {
  SetState(State::kWriting);
  stream_.Write(message, written_event_.tag());
}

void TableCall::Finish(const absl::Status& status) {
  AddRetryHint(status, context_);
  counts_->Add(metrics::StatusCodeIndex(status.code()), 1);
  if (state_ == State::kReading) read_given_up_ = true;
  SetState(State::kFinishing);
  stream_.Finish(ToGrpcStatus(status), finished_event_.tag());
}

void TableCall::WriteAndFinish(const grpc::ByteBuffer& message) {
  counts_->Add(metrics::StatusCodeIndex(absl::StatusCode::kOk), 1);
  SetState(State::kFinishing);
  stream_.WriteAndFinish(message, grpc::WriteOptions(), grpc::Status::OK, finished_event_.tag());
}

void TableCall::Tell() {
  if (handler_ == nullptr) return;
  if (caller_gone() && !told_caller_gone_ && kept()) {
    told_caller_gone_ = true;
    handler_->OnCallerGone();
  }
  const bool waits = kept() || state_.load(std::memory_order_relaxed) == State::kReading;
  if (pool_.ending() && !told_server_ends_ && waits) {
    told_server_ends_ = true;
    handler_->OnServerEnds();
  }
}

absl::StatusOr<std::unique_ptr<CallHandler>> TableCall::MakeHandler() {
  const MethodTable& table = pool_.table();
  if (table.gate() != nullptr) {
    permission_ =
        access::PermissionOfMethod(context_.method()).value_or(access::Permission::kWrite);
    CONVOY_ASSIGN_OR_RETURN(caller_, Admit(*table.gate(), permission_, context_));
  }
  return table.MakeHandler(context_.method(), *this);
}

void TableCall::OnBegun(bool ok) {
  if (!ok) {
    // The server shuts down; no caller came, and no other event will.
    pool_.Remove(this);
    return;
  }
  pool_.OnBegun(this);
  counts_ = &pool_.table().CountsOf(context_.method());
  absl::StatusOr<std::unique_ptr<CallHandler>> handler = MakeHandler();
  if (!handler.ok()) {
    Finish(handler.status());
    return;
  }
  handler_ = *std::move(handler);
  Read();
  Tell();
}

void TableCall::OnRead(bool ok) {
  if (read_given_up_) {
    read_given_up_ = false;
    DeleteIfDone();
    return;
  }
  grpc::ByteBuffer message;
  message.Swap(&message_);
  SetState(State::kKept);
  ok ? handler_->OnMessage(message) : handler_->OnNoMessage();
  Tell();
}

void TableCall::OnWritten(bool /*ok: a call that is broken is over, and that comes by itself*/) {
  SetState(State::kKept);
  handler_->OnWritten();
  Tell();
}

void TableCall::OnFinished(bool) {
  finished_ = true;
  DeleteIfDone();
}

void TableCall::OnOver(bool) {
  over_ = true;
  if (context_.IsCancelled()) caller_gone_.store(true, std::memory_order_relaxed);
  Tell();
  DeleteIfDone();
}

void TableCall::DeleteIfDone() {
  // Until `finished_` another thread may own the rest.
  if (finished_ && over_ && !read_given_up_) pool_.Remove(this);
}

}  // namespace convoy::rpc
