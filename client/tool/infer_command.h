// `convoy infer`: one array through one layer.
#ifndef CONVOY_CLIENT_TOOL_INFER_COMMAND_H_
#define CONVOY_CLIENT_TOOL_INFER_COMMAND_H_

#include <CLI/App.hpp>
#include <string>

#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct InferArguments {
  std::string layer;
  // Empty for the newest.
  std::string version;
  // Paths; "-" for standard input and output.
  std::string input = "-";
  // Empty prints a preview instead.
  std::string output;
  // Empty sends the input's own element type.
  std::string dtype;
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddInferCommand(CLI::App& app, InferArguments& arguments);

// With output "-" only the array goes to `context.out`; with a file or none a
// summary line does, with none also a preview.
Outcome RunInfer(const ToolContext& context, const InferArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_INFER_COMMAND_H_
