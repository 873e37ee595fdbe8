// A weights file on its way to the server.
#ifndef CONVOY_CLIENT_TOOL_WEIGHTS_FILE_H_
#define CONVOY_CLIENT_TOOL_WEIGHTS_FILE_H_

#include <string>

#include "client/layer_client.h"
#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"
#include "convoy/v1/layer_service.pb.h"

namespace convoy::tool {

// Uploads the file and names it in `weights`. On a terminal a line tells how far it is.
Outcome SendWeights(const ToolContext& context, const client::LayerClient& server,
                    const std::string& path, convoy::v1::Weights& weights);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_WEIGHTS_FILE_H_
