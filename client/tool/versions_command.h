// `convoy versions`: what there is of a layer.
#ifndef CONVOY_CLIENT_TOOL_VERSIONS_COMMAND_H_
#define CONVOY_CLIENT_TOOL_VERSIONS_COMMAND_H_

#include <CLI/App.hpp>
#include <string>

#include "client/tool/message_json.h"
#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct VersionsArguments {
  std::string layer;
  OutputArgument output;
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddVersionsCommand(CLI::App& app, VersionsArguments& arguments);

// One row a version, newest first.
Outcome RunVersions(const ToolContext& context, const VersionsArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_VERSIONS_COMMAND_H_
