// How Triton's statistics describe the work of a layer.
#ifndef CONVOY_SERVER_RPC_MODEL_STATISTICS_H_
#define CONVOY_SERVER_RPC_MODEL_STATISTICS_H_

#include <string>

#include "absl/status/status.h"
#include "inference/grpc_predict_v2.pb.h"
#include "server/registry/registry.h"

namespace convoy::rpc {

// One entry a live version: of all layers for an empty `name`, of all versions of the
// layer for an empty `version`, newest first.
//   The errors of Snapshot::Find.
absl::Status FillModelStatistics(const registry::Snapshot& snapshot, const std::string& name,
                                 const std::string& version,
                                 inference::ModelStatisticsResponse& response);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_MODEL_STATISTICS_H_
