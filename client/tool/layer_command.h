// `convoy layer`: everything about one layer.
#ifndef CONVOY_CLIENT_TOOL_LAYER_COMMAND_H_
#define CONVOY_CLIENT_TOOL_LAYER_COMMAND_H_

#include <CLI/App.hpp>
#include <string>

#include "client/tool/message_json.h"
#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct LayerArguments {
  std::string layer;
  // Empty for the newest.
  std::string version;
  OutputArgument output;
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddLayerCommand(CLI::App& app, LayerArguments& arguments);

// Versions, platform and shapes.
Outcome RunLayer(const ToolContext& context, const LayerArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_LAYER_COMMAND_H_
