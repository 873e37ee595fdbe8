// `convoy health`: may requests be sent?
#ifndef CONVOY_CLIENT_TOOL_HEALTH_COMMAND_H_
#define CONVOY_CLIENT_TOOL_HEALTH_COMMAND_H_

#include <CLI/App.hpp>
#include <string>

#include "client/tool/message_json.h"
#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct HealthArguments {
  // Empty for the server.
  std::string layer;
  OutputArgument output;
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddHealthCommand(CLI::App& app, HealthArguments& arguments);

// OK while the server, or the layer, is ready; otherwise the reason as far as the
// server tells it.
Outcome RunHealth(const ToolContext& context, const HealthArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_HEALTH_COMMAND_H_
