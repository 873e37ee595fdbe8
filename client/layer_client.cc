#include "client/layer_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/channel.h"
#include "client/stall_guard.h"
#include "client/status_conversion.h"

namespace convoy::client {
namespace {

using convoy::v1::LayerService;
using Stub = LayerService::StubInterface;

constexpr int64_t kPieceBytes = int64_t{1} << 20;

template <typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub, const ClientOptions& options,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + options.deadline));
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return ToAbslStatus(status);
  return response;
}

absl::Status EndOf(const grpc::Status& status, const StallGuard& guard) {
  if (guard.stalled())
    return absl::DeadlineExceededError("nothing moved on the stream for too long");
  return ToAbslStatus(status);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LayerClient>> LayerClient::Connect(const std::string& target,
                                                                  ClientOptions options) {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      OpenChannel(target, options.deadline, options.security);
  if (!channel.ok()) return channel.status();
  return std::make_unique<LayerClient>(LayerService::NewStub(*channel), std::move(options));
}

LayerClient::LayerClient(std::unique_ptr<Stub> stub, ClientOptions options)
    : stub_(std::move(stub)), options_(std::move(options)) {}

absl::StatusOr<convoy::v1::Layer> LayerClient::Get(
    const convoy::v1::GetLayerRequest& request) const {
  return Call(*stub_, options_, &Stub::GetLayer, request);
}

absl::StatusOr<std::vector<convoy::v1::VersionInfo>> LayerClient::ListVersions(
    const std::string& parent) const {
  std::vector<convoy::v1::VersionInfo> versions;
  convoy::v1::ListLayerVersionsRequest request;
  request.set_parent(parent);
  do {
    const auto page = Call(*stub_, options_, &Stub::ListLayerVersions, request);
    if (!page.ok()) return page.status();
    versions.insert(versions.end(), page->versions().begin(), page->versions().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return versions;
}

absl::StatusOr<convoy::v1::ComputeOutputShapeResponse> LayerClient::ComputeOutputShape(
    const convoy::v1::ComputeOutputShapeRequest& request) const {
  return Call(*stub_, options_, &Stub::ComputeOutputShape, request);
}

absl::StatusOr<convoy::v1::Layer> LayerClient::Create(
    const convoy::v1::CreateLayerRequest& request) const {
  return Call(*stub_, options_, &Stub::CreateLayer, request);
}

absl::StatusOr<convoy::v1::Layer> LayerClient::Update(
    const convoy::v1::UpdateLayerRequest& request) const {
  return Call(*stub_, options_, &Stub::UpdateLayer, request);
}

absl::StatusOr<convoy::v1::Layer> LayerClient::Rollback(
    const convoy::v1::RollbackLayerRequest& request) const {
  return Call(*stub_, options_, &Stub::RollbackLayer, request);
}

absl::StatusOr<convoy::v1::DeleteLayerResponse> LayerClient::Delete(
    const convoy::v1::DeleteLayerRequest& request) const {
  return Call(*stub_, options_, &Stub::DeleteLayer, request);
}

absl::StatusOr<LayerClient::WeightsInfo> LayerClient::GetWeights(const std::string& name,
                                                                 const Sink& sink) const {
  convoy::v1::GetWeightsRequest request;
  request.set_name(name);
  grpc::ClientContext context;
  StallGuard guard(context, options_.deadline);
  const auto stream = stub_->GetWeights(&context, request);
  WeightsInfo info;
  absl::Status taken;
  int64_t received = 0;
  convoy::v1::GetWeightsResponse response;
  while (taken.ok() && stream->Read(&response)) {
    guard.Moved();
    if (response.has_info()) {
      info.name = response.info().name();
      info.size_bytes = response.info().size_bytes();
    } else if (response.has_piece()) {
      received += static_cast<int64_t>(response.piece().size());
      taken = sink(response.piece());
    } else {
      info.sha256 = response.sha256();
    }
  }
  if (!taken.ok()) context.TryCancel();
  const absl::Status ended = EndOf(stream->Finish(), guard);
  if (!taken.ok()) return taken;
  if (!ended.ok()) return ended;
  if (info.sha256.empty() || received != info.size_bytes) {
    return absl::DataLossError(
        absl::StrCat("expected ", info.size_bytes, " bytes and their SHA-256, got ", received));
  }
  return info;
}

absl::StatusOr<std::string> LayerClient::Upload(
    std::istream& file, int64_t size_bytes,
    const std::function<void(int64_t sent)>& progress) const {
  grpc::ClientContext context;
  StallGuard guard(context, options_.deadline);
  convoy::v1::UploadWeightsResponse response;
  const auto stream = stub_->UploadWeights(&context, &response);
  convoy::v1::UploadWeightsRequest request;
  request.mutable_info()->set_size_bytes(size_bytes);
  bool sending = stream->Write(request);
  int64_t sent = 0;
  while (sending && sent < size_bytes) {
    std::string& piece = *request.mutable_piece();
    piece.resize(std::min(kPieceBytes, size_bytes - sent));
    if (!file.read(piece.data(), static_cast<std::streamsize>(piece.size()))) {
      context.TryCancel();
      stream->Finish();
      return absl::InvalidArgumentError(absl::StrCat(
          "expected ", size_bytes, " bytes, the file ends after ", sent + file.gcount()));
    }
    sending = stream->Write(request);
    if (sending) sent += static_cast<int64_t>(piece.size());
    guard.Moved();
    if (progress) progress(sent);
  }
  stream->WritesDone();
  const absl::Status ended = EndOf(stream->Finish(), guard);
  if (!ended.ok()) return ended;
  return response.sha256();
}

}  // namespace convoy::client
