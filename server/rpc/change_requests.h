// Requests of convoy.v1.LayerService that change layers, as server/management takes them.
#ifndef CONVOY_SERVER_RPC_CHANGE_REQUESTS_H_
#define CONVOY_SERVER_RPC_CHANGE_REQUESTS_H_

#include "absl/status/statusor.h"
#include "convoy/v1/layer_service.pb.h"
#include "server/management/layer_changes.h"

namespace convoy::rpc {

// What a request asks to be different. They take large fields out of the request.
//   INVALID_ARGUMENT  names the field, what was expected and what came.
absl::StatusOr<management::LayerEdit> TakeEdit(convoy::v1::CreateLayerRequest& request);
absl::StatusOr<management::LayerEdit> TakeEdit(convoy::v1::UpdateLayerRequest& request);
absl::StatusOr<management::LayerEdit> TakeEdit(convoy::v1::SetWeightsRequest& request);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_CHANGE_REQUESTS_H_
