// `convoy completion`: lets a shell complete the tool's commands and options.
#ifndef CONVOY_CLIENT_TOOL_COMPLETION_COMMAND_H_
#define CONVOY_CLIENT_TOOL_COMPLETION_COMMAND_H_

#include <CLI/App.hpp>
#include <ostream>
#include <string>

namespace convoy::tool {

struct CompletionArguments {
  std::string shell;  // "bash", "zsh" or "fish"
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddCompletionCommand(CLI::App& app, CompletionArguments& arguments);

// Prints a script for the shell, made from what `app` has.
void PrintCompletion(const CLI::App& app, const std::string& shell, std::ostream& out);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_COMPLETION_COMMAND_H_
