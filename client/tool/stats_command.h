// `convoy stats`: what layers have done, and where the time went.
#ifndef CONVOY_CLIENT_TOOL_STATS_COMMAND_H_
#define CONVOY_CLIENT_TOOL_STATS_COMMAND_H_

#include <CLI/App.hpp>
#include <string>

#include "client/tool/outcome.h"
#include "client/tool/tool_context.h"

namespace convoy::tool {

struct StatsArguments {
  std::string layer;  // empty for all
  bool watch = false;
  double interval_seconds = 1;
  std::string output = "table";  // or "json"
};

// `arguments` must outlive the parsing of `app`.
CLI::App* AddStatsCommand(CLI::App& app, StatsArguments& arguments);

// Prints once, or again and again until the output or the server is gone: then what was
// done since the last time.
Outcome RunStats(const ToolContext& context, const StatsArguments& arguments);

}  // namespace convoy::tool

#endif  // CONVOY_CLIENT_TOOL_STATS_COMMAND_H_
