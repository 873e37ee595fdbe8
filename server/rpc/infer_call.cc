#include "server/rpc/infer_call.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

#include "kernel/base/status_macros.h"
#include "kernel/batch/activity_loss.h"
#include "server/base/catch_exceptions.h"
#include "server/rpc/credentials.h"
#include "server/rpc/infer_call_pool.h"
#include "server/rpc/infer_request.h"
#include "server/rpc/status_conversion.h"

namespace convoy::rpc {
namespace {

using batching::Clock;

// A payload of more pieces does not keep its list.
constexpr size_t kMaxReusedPieces = 1024;

// gRPC's monotonic clock and steady_clock are both CLOCK_MONOTONIC. Deadlines
// are callers' numbers: one that is years away must not overflow nanoseconds.
Clock::time_point DeadlineOf(const grpc::ServerContext& context) {
  const gpr_timespec deadline = gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_MONOTONIC);
  constexpr int64_t kMaxSeconds = int64_t{1} << 32;
  if (deadline.tv_sec >= kMaxSeconds) return Clock::time_point::max();
  return Clock::time_point(std::chrono::seconds(deadline.tv_sec) +
                           std::chrono::nanoseconds(deadline.tv_nsec));
}

}  // namespace

InferCall::InferCall(const InferEnvironment& environment, InferCallPool& pool)
    : environment_(environment),
      pool_(pool),
      decoder_(static_cast<size_t>(environment.max_message_bytes)) {}

void InferCall::Post(grpc::ServerCompletionQueue& queue) {
  state_ = State::kPosted;
  submitted_ = false;
  rpc_.emplace();
  rpc_->context.AsyncNotifyWhenDone(call_over_.tag());
  environment_.method.Request(&rpc_->context, &rpc_->request, &rpc_->responder, &queue,
                              static_cast<QueueEvent*>(this));
}

bool InferCall::OnEvent(bool ok) {
  if (state_ == State::kFinishing || !ok) {
    // Never begun because the server shuts down: no other event comes.
    if (state_ == State::kPosted) events_left_ = 1;
    CountDown();
    return false;
  }
  events_left_ = 2;
  pool_.Post();
  return Run();
}

void InferCall::OnCallOver(bool) {
  if (submitted_ && rpc_->context.IsCancelled()) {
    environment_.backend.Cancel(this, Clock::now() < deadline
                                          ? absl::CancelledError("the caller has gone")
                                          : absl::DeadlineExceededError("the deadline has passed"));
  }
  CountDown();
}

void InferCall::CountDown() {
  if (--events_left_ > 0) return;
  rpc_.reset();
  live_version_ = nullptr;
  snapshot_.reset();
  pool_.TakeBack(this);
}

bool InferCall::Run() {
  started_ = Clock::now();
  if (absl::Status status = CatchExceptions([this] { return Prepare(); }); !status.ok()) {
    Fail(std::move(status));
    return false;
  }
  if (output_bytes_ == 0) {
    Succeed({});
    return false;
  }
  absl::Status submitted = environment_.backend.Submit(*live_version_, this);
  // If it was taken, it is the back end's.
  submitted_ = submitted.ok();
  if (submitted_) return true;
  AddRetryHint(submitted, rpc_->context);
  Fail(std::move(submitted));
  return false;
}

absl::Status InferCall::Decode() {
  access::Caller caller;
  // Before anything is done for a stranger.
  if (environment_.gate != nullptr) {
    CONVOY_ASSIGN_OR_RETURN(caller,
                            Admit(*environment_.gate, access::Permission::kInfer, rpc_->context));
  }
  CONVOY_RETURN_IF_ERROR(decoder_.Decode(rpc_->request));
  return caller.CheckLayer(access::Permission::kInfer, decoder_.message().model_name());
}

absl::Status InferCall::Prepare() {
  snapshot_ = environment_.registry.snapshot();
  const absl::Status decoded = Decode();
  // The decoder has what it needs of it, perhaps inflated.
  rpc_->request.Clear();
  if (!decoded.ok()) return decoded;
  input_bytes_ = static_cast<int64_t>(decoder_.raw_bytes());
  const inference::ModelInferRequest& message = decoder_.message();
  CONVOY_ASSIGN_OR_RETURN(live_version_,
                          snapshot_->Find(message.model_name(), message.model_version()));
  CONVOY_ASSIGN_OR_RETURN(InferRequest request, CheckInferRequest(decoder_, *live_version_->layer,
                                                                  environment_.max_response_bytes));
  input.shape = request.shape;
  input.dtype = request.dtype;
  input.payload = std::move(request.payload);
  input_bytes_ = request.payload_bytes;
  deadline = DeadlineOf(rpc_->context);
  priority = request.parameters.priority;
  if (request.parameters.timeout != std::chrono::microseconds::max()) {
    deadline = std::min(deadline, started_ + request.parameters.timeout);
  }
  parameters_ = request.parameters;
  output_shape_ = request.output_shape;
  output_bytes_ = request.output_bytes;
  return absl::OkStatus();
}

metrics::LayerMetrics* InferCall::FindMetrics() const {
  if (live_version_ != nullptr) return live_version_->metrics.get();
  const registry::LiveLayer* const layer = snapshot_->FindLayer(decoder_.message().model_name());
  return layer == nullptr ? nullptr : layer->metrics.get();
}

void InferCall::Count(absl::StatusCode code, int64_t output_bytes) {
  metrics::LayerMetrics* metrics = FindMetrics();
  if (metrics == nullptr) {
    environment_.metrics.OnUnknownLayer(code);
    return;
  }
  metrics->OnRequest(code, Clock::now() - started_, input_bytes_, output_bytes);
}

void InferCall::ReleaseRequest() {
  // Unlike clear(), this keeps the memory, unless there is much of it.
  input.payload.resize(0);
  if (input.payload.capacity() > kMaxReusedPieces) input.payload = {};
  decoder_.Reset();
}

absl::StatusOr<grpc::ByteBuffer> InferCall::Encode(batching::TaskOutput output) {
  const layer::Conv1D& layer = *live_version_->layer;
  std::optional<double> activity_loss;
  if (parameters_.activity_loss) {
    CONVOY_ASSIGN_OR_RETURN(activity_loss, batch::ActivityLoss(layer, output_shape_, output));
  }
  return encoder_.Encode(
      {*live_version_, decoder_.message().id(), layer.output_dtype(), output_shape_, activity_loss},
      std::move(output));
}

void InferCall::Succeed(batching::TaskOutput output) {
  const absl::StatusOr<grpc::ByteBuffer> answer =
      CatchExceptions([&] { return Encode(std::move(output)); });
  if (!answer.ok()) return Fail(answer.status());
  Count(absl::StatusCode::kOk, output_bytes_);
  ReleaseRequest();
  state_ = State::kFinishing;
  rpc_->responder.Finish(*answer, grpc::Status::OK, static_cast<QueueEvent*>(this));
}

void InferCall::Fail(absl::Status status) {
  assert(!status.ok());
  Count(status.code(), 0);
  ReleaseRequest();
  state_ = State::kFinishing;
  rpc_->responder.FinishWithError(ToGrpcStatus(status), static_cast<QueueEvent*>(this));
}

}  // namespace convoy::rpc
