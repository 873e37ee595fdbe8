// How the protocol describes layers.
#ifndef CONVOY_SERVER_RPC_MODEL_METADATA_H_
#define CONVOY_SERVER_RPC_MODEL_METADATA_H_

#include "inference/grpc_predict_v2.pb.h"
#include "server/registry/registry.h"

namespace convoy::rpc {

// Name, platform and tensors; the versions are the caller's.
void FillModelMetadata(const registry::LiveVersion& live,
                       inference::ModelMetadataResponse& response);

// What Triton's tools read of a layer before they call it.
void FillModelConfig(const registry::LiveVersion& live, inference::ModelConfig& config);

// One entry a live version and one a version that could not be read, by name and
// version number, and one a layer that was unloaded. A layer is READY unless the server is
// `draining`; `ready_only` leaves out what is not.
void FillRepositoryIndex(const registry::Snapshot& snapshot, bool draining, bool ready_only,
                         inference::RepositoryIndexResponse& response);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_MODEL_METADATA_H_
