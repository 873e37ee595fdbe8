#include "server/rpc/inference_methods.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "inference/grpc_predict_v2.pb.h"
#include "kernel/base/status_macros.h"
#include "server/base/version.h"
#include "server/rpc/model_metadata.h"
#include "server/rpc/model_statistics.h"
#include "server/rpc/unary_method.h"

namespace convoy::rpc {
namespace {

using registry::LiveVersion;
using registry::Registry;
using registry::Snapshot;

// What a caller can do beyond the protocol: Triton's extensions that are served.
constexpr const char* kExtensions[] = {
    "logging",    "model_configuration", "model_repository", "model_repository(unload_dependents)",
    "parameters", "schedule_policy",     "statistics"};

inference::ServerReadyResponse ServerReady(const Registry& registry) {
  inference::ServerReadyResponse response;
  response.set_ready(registry.ready());
  return response;
}

inference::ModelReadyResponse ModelReady(const Registry& registry,
                                         const inference::ModelReadyRequest& request) {
  inference::ModelReadyResponse response;
  response.set_ready(!registry.draining() &&
                     registry.snapshot()->Find(request.name(), request.version()).ok());
  return response;
}

inference::ServerMetadataResponse ServerMetadata() {
  inference::ServerMetadataResponse response;
  response.set_name("convoy");
  response.set_version(kVersion);
  for (const char* const extension : kExtensions) response.add_extensions(extension);
  return response;
}

absl::StatusOr<inference::ModelMetadataResponse> ModelMetadata(
    const Registry& registry, const inference::ModelMetadataRequest& request) {
  const std::shared_ptr<const Snapshot> snapshot = registry.snapshot();
  CONVOY_ASSIGN_OR_RETURN(const LiveVersion* live,
                          snapshot->Find(request.name(), request.version()));
  inference::ModelMetadataResponse response;
  FillModelMetadata(*live, response);
  for (const auto& version : snapshot->FindLayer(request.name())->versions) {
    response.add_versions(version->version_text);
  }
  return response;
}

absl::StatusOr<inference::ModelConfigResponse> ModelConfig(
    const Registry& registry, const inference::ModelConfigRequest& request) {
  const std::shared_ptr<const Snapshot> snapshot = registry.snapshot();
  CONVOY_ASSIGN_OR_RETURN(const LiveVersion* live,
                          snapshot->Find(request.name(), request.version()));
  inference::ModelConfigResponse response;
  FillModelConfig(*live, *response.mutable_config());
  return response;
}

absl::StatusOr<inference::RepositoryIndexResponse> RepositoryIndex(
    const Registry& registry, const inference::RepositoryIndexRequest& request) {
  if (!request.repository_name().empty()) {
    return absl::InvalidArgumentError(
        "repository_name: expected \"\", the only repository, got a name");
  }
  inference::RepositoryIndexResponse response;
  FillRepositoryIndex(*registry.snapshot(), registry.draining(), request.ready(), response);
  return response;
}

absl::StatusOr<inference::ModelStatisticsResponse> ModelStatistics(
    const Registry& registry, const inference::ModelStatisticsRequest& request) {
  inference::ModelStatisticsResponse response;
  CONVOY_RETURN_IF_ERROR(
      FillModelStatistics(*registry.snapshot(), request.name(), request.version(), response));
  return response;
}

std::string Path(std::string_view method) { return MethodPath(kInferenceService, method); }

// Methods of Triton's form of the service. Tools try some of them without being
// asked to, so each says what to do instead.
void AddUnservedMethods(MethodTable& table) {
  constexpr struct {
    const char* method;
    const char* reason;
  } kUnserved[] = {
      {"ModelStreamInfer", "streams of inferences are not served; call ModelInfer for each"},
      {"TraceSetting", "requests are not traced"},
      {"SystemSharedMemoryStatus", "shared memory is not served"},
      {"SystemSharedMemoryRegister", "shared memory is not served; send tensors in the message"},
      {"SystemSharedMemoryUnregister", "shared memory is not served"},
      {"CudaSharedMemoryStatus", "shared memory is not served"},
      {"CudaSharedMemoryRegister", "shared memory is not served; send tensors in the message"},
      {"CudaSharedMemoryUnregister", "shared memory is not served"},
  };
  for (const auto& [method, reason] : kUnserved) {
    table.AddUnserved(Path(method), std::string(method) + ": " + reason);
  }
}

}  // namespace

void AddInferenceMethods(const Registry& registry, MethodTable& table) {
  AddUnary<inference::ServerLiveRequest, inference::ServerLiveResponse>(
      table, Path("ServerLive"), [](const auto&) {
        inference::ServerLiveResponse response;
        response.set_live(true);
        return response;
      });
  AddUnary<inference::ServerReadyRequest, inference::ServerReadyResponse>(
      table, Path("ServerReady"), [&](const auto&) { return ServerReady(registry); });
  AddUnary<inference::ModelReadyRequest, inference::ModelReadyResponse>(
      table, Path("ModelReady"),
      [&](const auto& request) { return ModelReady(registry, request); });
  AddUnary<inference::ServerMetadataRequest, inference::ServerMetadataResponse>(
      table, Path("ServerMetadata"), [](const auto&) { return ServerMetadata(); });
  AddUnary<inference::ModelMetadataRequest, inference::ModelMetadataResponse>(
      table, Path("ModelMetadata"),
      [&](const auto& request) { return ModelMetadata(registry, request); });
  AddUnary<inference::ModelConfigRequest, inference::ModelConfigResponse>(
      table, Path("ModelConfig"),
      [&](const auto& request) { return ModelConfig(registry, request); });
  AddUnary<inference::ModelStatisticsRequest, inference::ModelStatisticsResponse>(
      table, Path("ModelStatistics"),
      [&](const auto& request) { return ModelStatistics(registry, request); });
  AddUnary<inference::RepositoryIndexRequest, inference::RepositoryIndexResponse>(
      table, Path("RepositoryIndex"),
      [&](const auto& request) { return RepositoryIndex(registry, request); });
  AddUnservedMethods(table);
}

}  // namespace convoy::rpc
