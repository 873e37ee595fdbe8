// inference.GRPCInferenceService: the Open Inference Protocol.
#ifndef CONVOY_SERVER_RPC_INFERENCE_SERVICE_H_
#define CONVOY_SERVER_RPC_INFERENCE_SERVICE_H_

#include "inference/grpc_predict_v2.grpc.pb.h"
#include "server/registry/registry.h"

namespace convoy::rpc {

// The rare calls, answered here by gRPC's synchronous threads, and the way in
// for ModelInfer, which arrives as raw bytes on completion queues (InferCall).
//
// Thread-safe. Refers to the registry, which must outlive it.
class InferenceService final : public inference::GRPCInferenceService::WithRawMethod_ModelInfer<
                                   inference::GRPCInferenceService::Service> {
 public:
  explicit InferenceService(const registry::Registry& registry) : registry_(registry) {}

  grpc::Status ServerLive(grpc::ServerContext* context, const inference::ServerLiveRequest* request,
                          inference::ServerLiveResponse* response) override;
  grpc::Status ServerReady(grpc::ServerContext* context,
                           const inference::ServerReadyRequest* request,
                           inference::ServerReadyResponse* response) override;
  grpc::Status ModelReady(grpc::ServerContext* context, const inference::ModelReadyRequest* request,
                          inference::ModelReadyResponse* response) override;
  grpc::Status ServerMetadata(grpc::ServerContext* context,
                              const inference::ServerMetadataRequest* request,
                              inference::ServerMetadataResponse* response) override;
  grpc::Status ModelMetadata(grpc::ServerContext* context,
                             const inference::ModelMetadataRequest* request,
                             inference::ModelMetadataResponse* response) override;
  grpc::Status RepositoryIndex(grpc::ServerContext* context,
                               const inference::RepositoryIndexRequest* request,
                               inference::RepositoryIndexResponse* response) override;

 private:
  const registry::Registry& registry_;
};

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_INFERENCE_SERVICE_H_
