#include "server/rpc/inference_service.h"

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/base/version.h"
#include "server/rpc/model_metadata.h"
#include "server/rpc/status_conversion.h"

namespace convoy::rpc {

using grpc::ServerContext;
using grpc::Status;
using registry::LiveVersion;
using registry::Snapshot;

Status InferenceService::ServerLive(ServerContext*, const inference::ServerLiveRequest*,
                                    inference::ServerLiveResponse* response) {
  response->set_live(true);
  return Status::OK;
}

Status InferenceService::ServerReady(ServerContext*, const inference::ServerReadyRequest*,
                                     inference::ServerReadyResponse* response) {
  response->set_ready(registry_.ready());
  return Status::OK;
}

Status InferenceService::ModelReady(ServerContext*, const inference::ModelReadyRequest* request,
                                    inference::ModelReadyResponse* response) {
  const std::shared_ptr<const Snapshot> snapshot = registry_.snapshot();
  response->set_ready(registry_.ready() &&
                      snapshot->Find(request->name(), request->version()).ok());
  return Status::OK;
}

Status InferenceService::ServerMetadata(ServerContext*, const inference::ServerMetadataRequest*,
                                        inference::ServerMetadataResponse* response) {
  response->set_name("convoy");
  response->set_version(kVersion);
  response->add_extensions("model_repository");
  return Status::OK;
}

Status InferenceService::ModelMetadata(ServerContext*,
                                       const inference::ModelMetadataRequest* request,
                                       inference::ModelMetadataResponse* response) {
  const std::shared_ptr<const Snapshot> snapshot = registry_.snapshot();
  const absl::StatusOr<const LiveVersion*> live =
      snapshot->Find(request->name(), request->version());
  if (!live.ok()) return ToGrpcStatus(live.status());
  FillModelMetadata(**live, *response);
  for (const auto& version : snapshot->FindLayer(request->name())->versions) {
    response->add_versions(version->version_text);
  }
  return Status::OK;
}

Status InferenceService::RepositoryIndex(ServerContext*,
                                         const inference::RepositoryIndexRequest* request,
                                         inference::RepositoryIndexResponse* response) {
  if (!request->repository_name().empty()) {
    return Status(grpc::StatusCode::INVALID_ARGUMENT,
                  "repository_name: expected \"\", the only repository, got a name");
  }
  FillRepositoryIndex(*registry_.snapshot(), registry_.ready(), request->ready(), *response);
  return Status::OK;
}

}  // namespace convoy::rpc
