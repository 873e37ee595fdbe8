#include "server/rpc/upload_call.h"

#include <chrono>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "convoy/v1/layer_service.pb.h"
#include "kernel/base/status_macros.h"
#include "server/base/catch_exceptions.h"
#include "server/rpc/message_bytes.h"

namespace convoy::rpc {
namespace {

using convoy::v1::UploadWeightsRequest;
using convoy::v1::UploadWeightsResponse;

// Room for the fields around a piece.
constexpr size_t kMaxMessageBytes = UploadCall::kMaxPieceBytes + 1024;

absl::Status ServerEnds() { return absl::UnavailableError("the server is shutting down"); }

}  // namespace

UploadCall::UploadCall(TableCall& call, const UploadParts& parts, std::atomic<int>& open_calls)
    : call_(call), parts_(parts), open_calls_(open_calls) {
  open_calls_.fetch_add(1, std::memory_order_relaxed);
}

UploadCall::~UploadCall() { open_calls_.fetch_sub(1, std::memory_order_relaxed); }

void UploadCall::OnMessage(const grpc::ByteBuffer& message) {
  if (open_calls_.load(std::memory_order_relaxed) > kMaxCalls) {
    return call_.Finish(
        absl::ResourceExhaustedError(absl::StrCat(kMaxCalls, " uploads are under way already")));
  }
  {
    const MutexLock lock(mutex_);
    with_thread_ = true;
  }
  parts_.threads.Continue([this, message] { Take(message); });
}

void UploadCall::OnNoMessage() {
  {
    const MutexLock lock(mutex_);
    with_thread_ = true;
  }
  parts_.threads.Continue([this] { End(); });
}

void UploadCall::OnServerEnds() {
  const MutexLock lock(mutex_);
  server_ends_ = true;
  if (!with_thread_) call_.Finish(ServerEnds());
}

void UploadCall::Take(const grpc::ByteBuffer& message) {
  absl::Status taken = CatchExceptions([&] { return TakeMessage(message); });
  {
    const MutexLock lock(mutex_);
    if (taken.ok() && server_ends_) taken = ServerEnds();
    if (taken.ok()) {
      with_thread_ = false;
      return call_.Read();
    }
  }
  // Not under the lock, which may be gone with the call when this returns.
  call_.Finish(taken);
}

absl::Status UploadCall::TakeMessage(const grpc::ByteBuffer& message) {
  UploadWeightsRequest request;
  CONVOY_RETURN_IF_ERROR(ParseMessage(message, kMaxMessageBytes, request));
  if (upload_ == nullptr) {
    if (!request.has_info()) {
      return absl::InvalidArgumentError("info: expected first, got a piece or nothing");
    }
    CONVOY_RETURN_IF_ERROR(parts_.changes.CheckWritable());
    expected_sha256_ = request.info().sha256();
    CONVOY_ASSIGN_OR_RETURN(upload_, parts_.uploads.Begin(request.info().size_bytes()));
    return absl::OkStatus();
  }
  if (!request.has_piece()) {
    return absl::InvalidArgumentError("piece: expected after info, got info or nothing");
  }
  return upload_->Append(request.piece());
}

void UploadCall::End() {
  if (upload_ == nullptr)
    return call_.Finish(absl::InvalidArgumentError("info: expected, got none"));
  const absl::StatusOr<std::string> sha256 = upload_->Finish(expected_sha256_);
  if (!sha256.ok()) return call_.Finish(sha256.status());
  const auto until = std::chrono::system_clock::now() + management::UploadStore::kKept;
  UploadWeightsResponse response;
  response.set_sha256(*sha256);
  response.set_size_bytes(upload_->size());
  response.mutable_expire_time()->set_seconds(
      std::chrono::floor<std::chrono::seconds>(until.time_since_epoch()).count());
  call_.WriteAndFinish(SerializeMessage(response));
}

void AddUploads(const UploadParts& parts, const std::string& path, MethodTable& table) {
  auto open_calls = std::make_shared<std::atomic<int>>(0);
  table.Add(path, [parts, open_calls](TableCall& call) {
    return std::make_unique<UploadCall>(call, parts, *open_calls);
  });
}

}  // namespace convoy::rpc
