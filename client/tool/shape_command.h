// `convoy shape`: what an input would give, and what that costs.
#ifndef CONVOY_CLIENT_TOOL_SHAPE_COMMAND_H_
#define CONVOY_CLIENT_TOOL_SHAPE_COMMAND_H_

#include <CLI/App.hpp>
#include <string>

#include "client/tool/message_json.h"
#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct ShapeArguments {
  std::string layer;
  // Empty for the newest.
  std::string version;
  // "1,?,64": sizes, and ? for one that is not known.
  std::string input;
  OutputArgument output;
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddShapeCommand(CLI::App& app, ShapeArguments& arguments);

Outcome RunShape(const ToolContext& context, const ShapeArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_SHAPE_COMMAND_H_
