// `convoy token`: makes tokens.
#ifndef CONVOY_CLIENT_TOOL_TOKEN_COMMAND_H_
#define CONVOY_CLIENT_TOOL_TOKEN_COMMAND_H_

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct TokenArguments {
  std::string name;
  std::vector<std::string> infer;
  bool read = false;
  bool write = false;
  std::string certificate;
  // What is left out of the entry when it is the default.
  double weight = 1;
  int64_t max_in_flight = 0;
  int64_t max_waiting_bytes = 0;
  // The server's token file to add the entry to; empty to print it.
  std::string tokens;
  bool replace = false;
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddTokenCommand(CLI::App& app, TokenArguments& arguments);

// Prints the token, which nobody can find out again, and what the server's file is to
// have of it, or adds that to the file. Calls no server.
Outcome RunToken(const ToolContext& context, const TokenArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_TOKEN_COMMAND_H_
