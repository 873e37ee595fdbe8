#include "server/rpc/weights_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "convoy/v1/layer_service.pb.h"
#include "kernel/base/status_macros.h"
#include "server/base/catch_exceptions.h"
#include "server/rpc/layer_resource.h"
#include "server/rpc/message_bytes.h"

namespace convoy::rpc {
namespace {

using convoy::v1::GetWeightsRequest;
using convoy::v1::GetWeightsResponse;

absl::StatusOr<LayerResource> Parse(const grpc::ByteBuffer& message) {
  GetWeightsRequest request;
  CONVOY_RETURN_IF_ERROR(ParseMessage(message, kMaxSmallRequestBytes, request));
  return ParseLayerOrVersion("name", request.name());
}

}  // namespace

WeightsStream::WeightsStream(TableCall& call, const management::LayerCatalog& catalog,
                             CallThreads& threads, std::atomic<int>& open_streams)
    : call_(call), catalog_(catalog), threads_(threads), open_streams_(open_streams) {
  open_streams_.fetch_add(1, std::memory_order_relaxed);
}

WeightsStream::~WeightsStream() { open_streams_.fetch_sub(1, std::memory_order_relaxed); }

void WeightsStream::OnMessage(const grpc::ByteBuffer& message) {
  if (open_streams_.load(std::memory_order_relaxed) > kMaxStreams) {
    return call_.Finish(absl::ResourceExhaustedError(
        absl::StrCat(kMaxStreams, " streams of weights are open already")));
  }
  absl::StatusOr<LayerResource> resource = Parse(message);
  if (!resource.ok()) return call_.Finish(resource.status());
  const absl::Status taken = threads_.Run(
      0, [this, resource = *std::move(resource)] { Begin(resource.layer, resource.version); });
  if (!taken.ok()) call_.Finish(taken);
}

void WeightsStream::OnNoMessage() {
  call_.Finish(absl::InvalidArgumentError("expected one request message, got none"));
}

void WeightsStream::OnWritten() {
  threads_.Continue([this] { Next(); });
}

void WeightsStream::Begin(const std::string& layer, const std::string& version) {
  absl::StatusOr<management::WeightsFile> file =
      CatchExceptions([&] { return catalog_.OpenWeights(layer, version); });
  if (!file.ok()) return call_.Finish(file.status());
  file_.emplace(*std::move(file));
  left_ = file_->source.size();
  GetWeightsResponse response;
  response.mutable_info()->set_name(VersionResourceName(layer, file_->version));
  response.mutable_info()->set_size_bytes(left_);
  call_.Write(SerializeMessage(response));
}

void WeightsStream::Next() {
  const absl::Status status =
      call_.caller_gone()
          ? absl::CancelledError()
          : CatchExceptions([this] { return left_ > 0 ? SendPiece() : SendChecksum(); });
  if (!status.ok()) call_.Finish(status);
}

absl::Status WeightsStream::SendPiece() {
  const int64_t bytes = std::min(left_, kPieceBytes);
  GetWeightsResponse response;
  response.mutable_piece()->resize(bytes);
  CONVOY_RETURN_IF_ERROR(file_->source.Read(response.mutable_piece()->data(), bytes));
  left_ -= bytes;
  call_.Write(SerializeMessage(response));
  return absl::OkStatus();
}

absl::Status WeightsStream::SendChecksum() {
  GetWeightsResponse response;
  response.set_sha256(file_->source.Checksum());
  if (!file_->checksum.empty() && response.sha256() != file_->checksum) {
    return absl::AbortedError("the weights were changed since the version was loaded");
  }
  call_.WriteAndFinish(SerializeMessage(response));
  return absl::OkStatus();
}

void AddWeightsStream(const management::LayerCatalog& catalog, CallThreads& threads,
                      const std::string& path, MethodTable& table) {
  // Of this lane; its last stream goes with the table's last call.
  auto open_streams = std::make_shared<std::atomic<int>>(0);
  table.Add(path, [&catalog, &threads, open_streams](TableCall& call) {
    return std::make_unique<WeightsStream>(call, catalog, threads, *open_streams);
  });
}

}  // namespace convoy::rpc
