#include "server/rpc/infer_call.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"
#include "kernel/batch/activity_loss.h"
#include "kernel/batch/round_output.h"
#include "server/base/catch_exceptions.h"
#include "server/batching/refusal_reason.h"
#include "server/batching/tenant.h"
#include "server/rpc/credentials.h"
#include "server/rpc/infer_call_pool.h"
#include "server/rpc/infer_request.h"
#include "server/rpc/quoted.h"
#include "server/rpc/status_conversion.h"
#include "server/rpc/traceparent.h"

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

// The same error, which says whose it is: callers with many calls under way log no more
// than its text.
absl::Status Named(const absl::Status& status, const std::string& id) {
  absl::Status named(status.code(),
                     absl::StrCat(std::string(status.message()), " (request ", Quoted(id), ")"));
  status.ForEachPayload([&named](absl::string_view type, const absl::Cord& payload) {
    named.SetPayload(type, payload);
  });
  return named;
}

}  // namespace

InferCall::InferCall(const InferEnvironment& environment, InferCallPool& pool)
    : environment_(environment),
      pool_(pool),
      decoder_(static_cast<size_t>(environment.max_message_bytes)) {}

void InferCall::Post(grpc::ServerCompletionQueue& queue) {
  state_ = State::kPosted;
  submitted_ = false;
  events_left_ = 2;
  rpc_.emplace();
  rpc_->context.AsyncNotifyWhenDone(call_over_.tag());
  environment_.method.Request(&rpc_->context, &rpc_->request, &rpc_->responder, &queue,
                              static_cast<QueueEvent*>(this));
}

bool InferCall::OnEvent(bool ok) {
  if (state_ == State::kFinishing || !ok) {
    if (state_ == State::kFinishing) OnSent(ok);
    // Never begun because the server shuts down: no other event comes.
    if (state_ == State::kPosted) events_left_ = 1;
    CountDown();
    return false;
  }
  pool_.Post();
  return Run();
}

bool InferCall::GiveUpIfUnread(Clock::time_point before) {
  if (answering_since_.load(std::memory_order_relaxed) > before) return false;
  answering_since_.store(Clock::time_point::max(), std::memory_order_relaxed);
  rpc_->context.TryCancel();
  return true;
}

void InferCall::OnSent(bool ok) {
  answering_since_.store(Clock::time_point::max(), std::memory_order_relaxed);
  const Clock::time_point now = Clock::now();
  metrics::Stages stages = stages_;
  stages.respond = now - started_ - (stages.decode + stages.queue + stages.compute);
  if (ok && code_ == absl::StatusCode::kOk) live_version_->metrics->OnSent(stages.respond);
  if (environment_.call_log.Wants(code_, stages.total())) Log(stages);
}

void InferCall::Log(const metrics::Stages& stages) {
  const bool answered = code_ == absl::StatusCode::kOk;
  environment_.call_log.Write(
      {.layer = live_version_ == nullptr ? decoder_.message().model_name() : live_version_->name,
       .version = live_version_ == nullptr ? std::string_view() : live_version_->version_text,
       .code = code_,
       .error = error_,
       .id = id_,
       .traceparent = Traceparent(),
       .peer = rpc_->context.peer(),
       .stages = stages,
       .input_bytes = input_bytes_,
       .output_bytes = answered ? output_bytes_ : 0,
       .batch_parts = WasQueued() ? entry.batch.parts : 0});
}

std::string_view InferCall::Traceparent() const {
  const auto [first, last] = rpc_->context.client_metadata().equal_range(kTraceparent);
  if (first == last || std::next(first) != last) return {};
  return {first->second.data(), first->second.size()};
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
  entry.arrived = {};  // it may never be queued
  input_bytes_ = 0;
  tenant = nullptr;
  in_tenant_ = false;
  if (absl::Status status = CatchExceptions([this] { return Prepare(); }); !status.ok()) {
    if (absl::IsResourceExhausted(status)) {
      status = batching::WithReason(std::move(status), batching::RefusalReason::kSize);
    }
    Fail(std::move(status));
    return false;
  }
  if (absl::Status entered = EnterTenant(); !entered.ok()) {
    AddRetryHint(entered, rpc_->context);
    Fail(std::move(entered));
    return false;
  }
  if (output_bytes_ == 0) {
    Succeed({});
    return false;
  }
  InferBackend& backend = environment_.backend;
  absl::Status submitted = parameters_.convolution_only
                               ? backend.SubmitConvolution(*live_version_, this)
                               : backend.Submit(*live_version_, this);
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
  tenant = caller.tenant();
  CONVOY_RETURN_IF_ERROR(decoder_.Decode(rpc_->request));
  return caller.CheckLayer(access::Permission::kInfer, decoder_.message().model_name());
}

absl::Status InferCall::EnterTenant() {
  if (tenant == nullptr) return absl::OkStatus();
  CONVOY_RETURN_IF_ERROR(tenant->Enter(input_bytes_));
  in_tenant_ = true;
  return absl::OkStatus();
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
  CONVOY_RETURN_IF_ERROR(CheckChecksum(request.parameters, live_version_->checksums.version));
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
  output_dtype_ = request.output_dtype;
  output_bytes_ = request.output_bytes;
  return absl::OkStatus();
}

metrics::LayerMetrics* InferCall::FindMetrics() const {
  if (live_version_ != nullptr) return live_version_->metrics.get();
  const registry::LiveLayer* const layer = snapshot_->FindLayer(decoder_.message().model_name());
  return layer == nullptr ? nullptr : layer->metrics.get();
}

metrics::Stages InferCall::StagesUntil(Clock::time_point now, bool answered) const {
  if (!WasQueued()) return {.decode = now - started_};
  const Clock::time_point end = answered ? entry.ran_until : now;
  return {.decode = entry.arrived - started_,
          .queue = end - entry.arrived - entry.ran,
          .compute = entry.ran,
          .respond = now - end};
}

void InferCall::Count(absl::StatusCode code) {
  const bool answered = code == absl::StatusCode::kOk;
  const Clock::time_point now = Clock::now();
  code_ = code;
  stages_ = StagesUntil(now, answered);
  id_ = decoder_.message().id();
  if (answered) answering_since_.store(now, std::memory_order_relaxed);
  if (in_tenant_) tenant->Leave(input_bytes_);
  if (tenant != nullptr) tenant->OnEnd(code);
  metrics::LayerMetrics* metrics = FindMetrics();
  if (metrics == nullptr) {
    environment_.metrics.OnUnknownLayer(code);
    return;
  }
  metrics->OnRequest({.code = code,
                      .stages = stages_,
                      .ended = now,
                      .sequences = answered ? input.shape.sequences : 0,
                      .input_bytes = input_bytes_,
                      .output_bytes = answered ? output_bytes_ : 0});
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
  batch::RoundOutput(layer.output_dtype(), output_dtype_, output);
  InferAnswer answer{*live_version_, decoder_.message().id(), output_dtype_,
                     output_shape_,  activity_loss,           std::nullopt};
  if (parameters_.timing) {
    answer.timing = {StagesUntil(Clock::now(), true),
                     static_cast<int64_t>(WasQueued() ? entry.parts.size() : 0),
                     WasQueued() ? entry.batch : batching::BatchFacts()};
  }
  return encoder_.Encode(answer, std::move(output));
}

void InferCall::Succeed(batching::TaskOutput output) {
  const absl::StatusOr<grpc::ByteBuffer> answer =
      CatchExceptions([&] { return Encode(std::move(output)); });
  if (!answer.ok()) return Fail(answer.status());
  Count(absl::StatusCode::kOk);
  error_.clear();
  ReleaseRequest();
  state_ = State::kFinishing;
  rpc_->responder.Finish(*answer, grpc::Status::OK, static_cast<QueueEvent*>(this));
}

void InferCall::Fail(absl::Status status) {
  assert(!status.ok());
  Count(status.code());
  error_ = std::string(status.message());
  if (const auto reason = batching::ReasonOf(status)) environment_.metrics.OnRefusal(*reason);
  if (!id_.empty()) status = Named(status, id_);
  ReleaseRequest();
  state_ = State::kFinishing;
  rpc_->responder.FinishWithError(ToGrpcStatus(status), static_cast<QueueEvent*>(this));
}

}  // namespace convoy::rpc
