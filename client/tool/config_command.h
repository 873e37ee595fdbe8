// `convoy config get` and `convoy config set`: the server's options.
#ifndef CONVOY_CLIENT_TOOL_CONFIG_COMMAND_H_
#define CONVOY_CLIENT_TOOL_CONFIG_COMMAND_H_

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"
#include "convoy/v1/config_service.pb.h"

namespace convoy::tool {

struct ConfigArguments {
  std::vector<std::string> names;        // of get: the options to show; none: all
  std::vector<std::string> assignments;  // of set: NAME=VALUE
  std::vector<std::string> unset;        // of set: changes to take back
  std::string layer;                     // empty: the server's options
  std::string etag;
  bool validate_only = false;
  std::string output = "table";  // or "json"
  CLI::App* set = nullptr;       // the subcommand
};

CLI::App* AddConfigCommand(CLI::App& app, ConfigArguments& arguments);

// Shows options, one a row, or changes them and shows what has changed.
Outcome RunConfig(const ToolContext& context, const ConfigArguments& arguments);

// What `set` asks for. A value that is a number or true or false is one, all else is text.
//   INVALID_ARGUMENT  one is no NAME=VALUE, or named twice.
absl::StatusOr<v1::UpdateServerConfigRequest> UpdateRequest(const ConfigArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_CONFIG_COMMAND_H_
