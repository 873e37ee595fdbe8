// Layers as messages of convoy.v1.
#ifndef CONVOY_SERVER_RPC_LAYER_MESSAGES_H_
#define CONVOY_SERVER_RPC_LAYER_MESSAGES_H_

#include <string>

#include "convoy/v1/layer_service.pb.h"
#include "server/management/forecast.h"
#include "server/management/layer_catalog.h"
#include "server/registry/registry.h"

namespace convoy::rpc {

convoy::v1::Layer::State StateOf(const registry::LiveLayer& layer);

// What lists tell: name, state, the versions that can be called, tensors and dtypes of
// the newest one, and what is wrong.
void FillSummary(const registry::LiveLayer& layer, convoy::v1::Layer& message);

// All that is known of a version that can be called, but for its etag.
void FillVersion(const registry::LiveVersion& live, convoy::v1::Layer& message);

void FillEstimate(const management::Forecast& forecast, convoy::v1::RequestEstimate& message);

void FillSymbolicCall(const management::SymbolicCall& call,
                      convoy::v1::ComputeOutputShapeResponse& message);

void FillEntry(const std::string& layer, const management::VersionEntry& entry,
               convoy::v1::VersionInfo& message);

}  // namespace convoy::rpc

#endif  // CONVOY_SERVER_RPC_LAYER_MESSAGES_H_
