#include "client/client.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "client/infer_codec.h"
#include "client/retry_hint.h"
#include "client/status_conversion.h"

namespace convoy::client {
namespace {

using inference::GRPCInferenceService;

absl::Status WithRetryHint(absl::Status status, const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto trailer = trailers.find(kRetryAfterTrailer);
  if (trailer != trailers.end()) {
    AttachRetryHint({trailer->second.data(), trailer->second.size()}, status);
  }
  return status;
}

// One unary call through `method`, a pointer to a member of the stub.
template <typename Request, typename Response>
absl::StatusOr<Response> Call(GRPCInferenceService::StubInterface& stub,
                              const ClientOptions& options,
                              grpc::Status (GRPCInferenceService::StubInterface::*method)(
                                  grpc::ClientContext*, const Request&, Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + options.deadline));
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return WithRetryHint(ToAbslStatus(status), context);
  return response;
}

std::vector<TensorSpec> ToSpecs(
    const google::protobuf::RepeatedPtrField<inference::ModelMetadataResponse::TensorMetadata>&
        tensors) {
  std::vector<TensorSpec> specs;
  for (const auto& tensor : tensors) {
    specs.push_back(
        {tensor.name(), tensor.datatype(), {tensor.shape().begin(), tensor.shape().end()}});
  }
  return specs;
}

CountedTime ToCountedTime(const inference::StatisticDuration& duration) {
  return {duration.count(), absl::Nanoseconds(static_cast<int64_t>(duration.ns()))};
}

VersionStatistics ToStatistics(const inference::ModelStatistics& model) {
  const inference::InferStatistics& stats = model.inference_stats();
  VersionStatistics statistics{.layer = model.name(),
                               .version = model.version(),
                               .answered = ToCountedTime(stats.success()),
                               .failed = ToCountedTime(stats.fail()),
                               .decode = ToCountedTime(stats.compute_input()).time,
                               .queue = ToCountedTime(stats.queue()).time,
                               .compute = ToCountedTime(stats.compute_infer()).time,
                               .respond = ToCountedTime(stats.compute_output()).time,
                               .sequences = model.inference_count(),
                               .batches = model.execution_count()};
  for (const auto& batch : model.batch_stats()) {
    statistics.batch_sizes.push_back({batch.batch_size(), ToCountedTime(batch.compute_infer())});
  }
  if (model.last_inference() > 0) {
    statistics.last_answer = absl::FromUnixMillis(static_cast<int64_t>(model.last_inference()));
  }
  return statistics;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(const std::string& target,
                                                        ClientOptions options) {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      OpenChannel(target, options.deadline, options.security);
  if (!channel.ok()) return channel.status();
  return std::make_unique<Client>(GRPCInferenceService::NewStub(*channel), options);
}

Client::Client(std::unique_ptr<GRPCInferenceService::StubInterface> stub, ClientOptions options)
    : stub_(std::move(stub)), options_(options) {}

absl::StatusOr<InferResult> Client::Infer(const InferRequest& request) const {
  absl::StatusOr<inference::ModelInferRequest> message =
      EncodeInferRequest(request.layer, request.version, request.input);
  if (!message.ok()) return message.status();
  message->set_id(request.id);
  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<inference::ModelInferResponse> response =
      Call(*stub_, options_, &GRPCInferenceService::StubInterface::ModelInfer, *message);
  const absl::Duration round_trip = absl::FromChrono(std::chrono::steady_clock::now() - start);
  if (!response.ok()) return response.status();
  absl::StatusOr<Tensor> output = TakeOutput(*response);
  if (!output.ok()) return output.status();
  return InferResult{*std::move(output), response->model_version(), response->id(), round_trip};
}

absl::StatusOr<bool> Client::ServerLive() const {
  const auto response = Call(*stub_, options_, &GRPCInferenceService::StubInterface::ServerLive,
                             inference::ServerLiveRequest());
  if (!response.ok()) return response.status();
  return response->live();
}

absl::StatusOr<bool> Client::ServerReady() const {
  const auto response = Call(*stub_, options_, &GRPCInferenceService::StubInterface::ServerReady,
                             inference::ServerReadyRequest());
  if (!response.ok()) return response.status();
  return response->ready();
}

absl::StatusOr<bool> Client::LayerReady(const std::string& layer,
                                        const std::string& version) const {
  inference::ModelReadyRequest request;
  request.set_name(layer);
  request.set_version(version);
  const auto response =
      Call(*stub_, options_, &GRPCInferenceService::StubInterface::ModelReady, request);
  if (!response.ok()) return response.status();
  return response->ready();
}

absl::StatusOr<ServerInfo> Client::ServerMetadata() const {
  const auto response = Call(*stub_, options_, &GRPCInferenceService::StubInterface::ServerMetadata,
                             inference::ServerMetadataRequest());
  if (!response.ok()) return response.status();
  return ServerInfo{response->name(),
                    response->version(),
                    {response->extensions().begin(), response->extensions().end()}};
}

absl::StatusOr<std::vector<LayerEntry>> Client::Layers() const {
  const auto response =
      Call(*stub_, options_, &GRPCInferenceService::StubInterface::RepositoryIndex,
           inference::RepositoryIndexRequest());
  if (!response.ok()) return response.status();
  std::vector<LayerEntry> layers;
  for (const auto& model : response->models()) {
    layers.push_back({model.name(), model.version(), model.state(), model.reason()});
  }
  return layers;
}

absl::StatusOr<LayerInfo> Client::LayerMetadata(const std::string& layer,
                                                const std::string& version) const {
  inference::ModelMetadataRequest request;
  request.set_name(layer);
  request.set_version(version);
  const auto response =
      Call(*stub_, options_, &GRPCInferenceService::StubInterface::ModelMetadata, request);
  if (!response.ok()) return response.status();
  return LayerInfo{response->name(),
                   {response->versions().begin(), response->versions().end()},
                   response->platform(),
                   ToSpecs(response->inputs()),
                   ToSpecs(response->outputs())};
}

absl::StatusOr<std::vector<VersionStatistics>> Client::Statistics(const std::string& layer) const {
  inference::ModelStatisticsRequest request;
  request.set_name(layer);
  const auto response =
      Call(*stub_, options_, &GRPCInferenceService::StubInterface::ModelStatistics, request);
  if (!response.ok()) return response.status();
  std::vector<VersionStatistics> all;
  for (const auto& model : response->model_stats()) all.push_back(ToStatistics(model));
  return all;
}

}  // namespace convoy::client
