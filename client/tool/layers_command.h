// `convoy layers`: a table of what the server holds.
#ifndef CONVOY_CLIENT_TOOL_LAYERS_COMMAND_H_
#define CONVOY_CLIENT_TOOL_LAYERS_COMMAND_H_

#include <CLI/App.hpp>

#include "client/tool/message_json.h"
#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct LayersArguments {
  OutputArgument output;
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddLayersCommand(CLI::App& app, LayersArguments& arguments);

// One row a version, with the shapes of those that are ready and the reason of
// those that are not.
Outcome RunLayers(const ToolContext& context, const LayersArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_LAYERS_COMMAND_H_
