// `convoy get-weights`: a version's weights as a file.
#ifndef CONVOY_CLIENT_TOOL_WEIGHTS_COMMAND_H_
#define CONVOY_CLIENT_TOOL_WEIGHTS_COMMAND_H_

#include <CLI/App.hpp>
#include <string>

#include "client/tool/message_json.h"
#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct WeightsArguments {
  std::string layer;
  // Empty for the newest.
  std::string version;
  // "-" for standard output.
  std::string file;
  OutputArgument output;
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddWeightsCommand(CLI::App& app, WeightsArguments& arguments);

// The file appears when all of it is there. With "-" nothing else goes to `context.out`.
Outcome RunWeights(const ToolContext& context, const WeightsArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_WEIGHTS_COMMAND_H_
