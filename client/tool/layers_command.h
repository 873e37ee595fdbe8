// `convoy layers`: a table of what the server holds.
#ifndef CONVOY_CLIENT_TOOL_LAYERS_COMMAND_H_
#define CONVOY_CLIENT_TOOL_LAYERS_COMMAND_H_

#include <CLI/App.hpp>

#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

CLI::App* AddLayersCommand(CLI::App& app);

// One row a version, with the shapes of those that are ready and the reason of
// those that are not.
Outcome RunLayers(const ToolContext& context);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_LAYERS_COMMAND_H_
