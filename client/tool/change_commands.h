// `convoy create`, `update`, `rollback` and `delete`: layers of a server that may be
// written.
#ifndef CONVOY_CLIENT_TOOL_CHANGE_COMMANDS_H_
#define CONVOY_CLIENT_TOOL_CHANGE_COMMANDS_H_

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/tool/message_json.h"
#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

// Of create and update.
struct EditArguments {
  std::string layer;
  std::string etag;    // update only; empty: whatever there is
  std::string config;  // files; empty: none
  std::string weights;
  std::optional<int64_t> seed;  // --initialize
  int64_t input_channels = 0;
  std::string constraints;           // "ignore", "apply", "refuse"; empty: the server's default
  std::vector<std::string> set;      // KEY=VALUE of the serving options; no value: the default
  std::optional<int64_t> lora_rank;  // update only
  std::optional<double> lora_alpha;
  bool validate_only = false;
  OutputArgument output;
};

struct RollbackArguments {
  std::string layer;
  std::string etag;
  int64_t version = 0;
  bool validate_only = false;
  OutputArgument output;
};

struct DeleteArguments {
  std::string layer;
  std::string etag;
  bool foreign = false;
  bool validate_only = false;
  OutputArgument output;
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddCreateCommand(CLI::App& app, EditArguments& arguments);
CLI::App* AddUpdateCommand(CLI::App& app, EditArguments& arguments);
CLI::App* AddRollbackCommand(CLI::App& app, RollbackArguments& arguments);
CLI::App* AddDeleteCommand(CLI::App& app, DeleteArguments& arguments);

// What there is now, or would be, goes to `context.out`, warnings to `context.err`.
Outcome RunCreate(const ToolContext& context, const EditArguments& arguments);
Outcome RunUpdate(const ToolContext& context, const EditArguments& arguments);
Outcome RunRollback(const ToolContext& context, const RollbackArguments& arguments);
Outcome RunDelete(const ToolContext& context, const DeleteArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_CHANGE_COMMANDS_H_
